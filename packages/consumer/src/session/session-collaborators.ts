import type { Transport } from '@kafkado/core'
import { AutomaticCommits } from '../commit/automatic-commits.ts'
import type { CommitMode } from '../commit/commit-mode.ts'
import { OffsetCommits, type PresentCommits } from '../commit/offset-commits.ts'
import { TransactionCommits } from '../commit/transaction-commits.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget } from '../settings/consumer-events.ts'
import { InvalidRecords } from '../dead-letter/invalid-records.ts'
import { Fetcher } from '../fetch/fetcher.ts'
import { PartitionControl } from '../fetch/partition-control.ts'
import { PositionFinder } from '../fetch/position-finder.ts'
import { RecordFeed } from '../fetch/record-feed.ts'
import { RecordSources } from '../fetch/record-sources.ts'
import type { DerivedPartitions } from '../group/derived-membership.ts'
import { makeMembership } from '../group/make-membership.ts'
import { MissingTopics } from '../group/missing-topics.ts'
import type { MissingTopic } from '../group/required-topics.ts'
import type { TopicSubscription } from '../group/topic-subscription.ts'
import { Arrivals } from '../partition/arrivals.ts'
import { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PositionWishes } from '../partition/position-wishes.ts'
import { WorkInHand } from '../partition/work-in-hand.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import { PartitionAssignment } from './partition-assignment.ts'
import { ProgressWatchdog } from './progress-watchdog.ts'

/** What a session is given by the one that reads by it. */
export interface SessionParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: TopicSubscription<V, K>
  readonly events: ConsumerEventTarget
  readonly wishes: PositionWishes
  readonly mode: CommitMode
  readonly present: PresentCommits<V, K>
  /** Partitions that were chosen by hand; undefined leaves that to the group or takes all. */
  readonly chosen: readonly TopicPartition[] | undefined
  /** What becomes of a topic that is named and not there. */
  readonly whenMissing: MissingTopic
  /** Which partitions are read in place of those that the group has assigned. */
  readonly derived?: DerivedPartitions | undefined
  /** Called when it is over. */
  onLeft?(): void
}

export type SessionCollaborators<V, K> = ReturnType<typeof collaborators<V, K>>

/**
 * What works together in a session, from those who know nobody to those who know the others: each one is given what it
 * needs, and learns what others have done from the leaves that it shares with them.
 *
 * @param stopping aborts when the consumer leaves
 */
export function collaborators<V, K>(given: SessionParts<V, K>, stopping: AbortSignal) {
  const owned = new OwnedPartitions<V, K>()
  const arrivals = new Arrivals()
  const work = new WorkInHand({ owned, arrivals })
  const leaves = { ...given, owned, arrivals, work, stopping }

  const membership = makeMembership(given)
  const missingTopics = new MissingTopics(membership)

  const commits = new OffsetCommits({ ...leaves, membership })
  const automatic = new AutomaticCommits({ ...leaves, commits })
  const transactions = new TransactionCommits({ ...leaves, membership, commits })

  const finder = new PositionFinder({ ...leaves, membership, automatic, missingTopics })
  const assignment = new PartitionAssignment({ ...leaves, membership, automatic, finder })
  const control = new PartitionControl(leaves)

  const sources = new RecordSources({ ...leaves, commits, reader: transactions })
  const fetcher = new Fetcher({ ...leaves, sources, missingTopics })
  const invalid = new InvalidRecords(leaves)
  const feed = new RecordFeed({ ...leaves, fetcher, invalid })
  const watchdog = new ProgressWatchdog({ ...leaves, membership })

  return {
    owned,
    arrivals,
    work,
    membership,
    missingTopics,
    commits,
    automatic,
    transactions,
    finder,
    assignment,
    control,
    fetcher,
    invalid,
    feed,
    watchdog,
  }
}
