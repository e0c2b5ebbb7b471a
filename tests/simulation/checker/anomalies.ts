import { alteredRecord } from './altered-record.ts'
import type { Anomaly } from './anomaly.ts'
import { commitAhead } from './commit-ahead.ts'
import { commitNotTaken } from './commit-not-taken.ts'
import { commitOfOthers } from './commit-of-others.ts'
import { readCycle, writeCycle } from './cycles.ts'
import { asideBeforeLetter, lostDeadLetter, wrongDeadLetter } from './dead-letters.ts'
import { duplicate } from './duplicate.ts'
import { acknowledgedBeforeSync } from './durability.ts'
import { abortedRead, ownUncommittedRead, uncommittedRead } from './early-reads.ts'
import { wrongOutput } from './exactly-once.ts'
import { failedButWritten } from './failed-but-written.ts'
import { refusedWhenWell, wrongDeliveryTimeout } from './delivery.ts'
import { wrongFilter } from './filtered.ts'
import { epochBack, stuckLastStableOffset, watermarkBack } from './going-back.ts'
import { inconsistentOffsets, offsetReused } from './inconsistent-offsets.ts'
import { lateClose, standingStill, unhandledRejection } from './liveness.ts'
import { lostCommit } from './lost-commit.ts'
import { lostWrite } from './lost-write.ts'
import { overlappingNext } from './overlapping-next.ts'
import { strangerCommitTaken, twoOwners } from './owners.ts'
import { phantom } from './phantom.ts'
import { nonMonotonicPoll, skippedPoll } from './poll-order.ts'
import { removedEarly } from './removed-early.ts'
import { resurrectedKey } from './resurrected-key.ts'
import { refusedCommitTaken } from './refused-commit-taken.ts'
import { refusedRepeat } from './refused-repeat.ts'
import { nonMonotonicSend } from './send-order.ts'
import { skippedAtTheEnd } from './skipped-at-the-end.ts'
import { startByTime } from './start-by-time.ts'
import { tornTransaction } from './torn-transaction.ts'
import { unseen } from './unseen.ts'

/** Everything that the checker looks for. A kind is what tests, seeds and people name it by. */
export const anomalies: readonly Anomaly[] = [
  // What is in the logs
  inconsistentOffsets,
  offsetReused,
  lostWrite,
  removedEarly,
  resurrectedKey,
  duplicate,
  refusedRepeat,
  failedButWritten,
  phantom,
  alteredRecord,
  nonMonotonicSend,
  acknowledgedBeforeSync,
  // What readers are given
  abortedRead,
  ownUncommittedRead,
  uncommittedRead,
  nonMonotonicPoll,
  skippedPoll,
  startByTime,
  skippedAtTheEnd,
  unseen,
  wrongFilter,
  overlappingNext,
  lostDeadLetter,
  asideBeforeLetter,
  wrongDeadLetter,
  // Transactions among one another
  tornTransaction,
  writeCycle,
  readCycle,
  wrongOutput,
  // Groups and their offsets
  twoOwners,
  strangerCommitTaken,
  commitOfOthers,
  commitAhead,
  lostCommit,
  refusedCommitTaken,
  commitNotTaken,
  // What only goes forward
  watermarkBack,
  epochBack,
  stuckLastStableOffset,
  // What comes to an end
  lateClose,
  standingStill,
  wrongDeliveryTimeout,
  refusedWhenWell,
  unhandledRejection,
]
