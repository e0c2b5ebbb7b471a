import { brokerFolderMutants } from './broker-folder.ts'
import { brokerFullDiskMutants } from './broker-full-disk.ts'
import { brokerGroupsMutants } from './broker-groups.ts'
import { brokerJournalMutants } from './broker-journal.ts'
import { brokerLogMutants } from './broker-log.ts'
import { brokerScansMutants } from './broker-scans.ts'
import { brokerTransactionsMutants } from './broker-transactions.ts'
import { consumerCommitsMutants } from './consumer-commits.ts'
import { consumerReadingMutants } from './consumer-reading.ts'
import { consumerMutants } from './consumer.ts'
import { coreBatchesMutants } from './core-batches.ts'
import { coreMutants } from './core.ts'
import type { Mutant } from './mutant.ts'
import { producerMutants } from './producer.ts'
import { producerSendingMutants } from './producer-sending.ts'
import { serverKeysMutants } from './server-keys.ts'
import { serverMutants } from './server.ts'
import { simulationMutants } from './simulation.ts'
import { streamsOperatorsMutants } from './streams-operators.ts'
import { streamsTopicsMutants } from './streams-topics.ts'
import { streamsStateMutants } from './streams-state.ts'
import { streamsMutants } from './streams.ts'
import { messagesMutants } from './messages.ts'
import { wireMutants } from './wire.ts'

/** By the package that they are in, which are in the order in which they build on one another. */
export const allMutants: readonly Mutant[] = [
  ...coreMutants,
  ...coreBatchesMutants,
  ...brokerLogMutants,
  ...brokerScansMutants,
  ...brokerJournalMutants,
  ...brokerFolderMutants,
  ...brokerFullDiskMutants,
  ...brokerTransactionsMutants,
  ...brokerGroupsMutants,
  ...producerMutants,
  ...producerSendingMutants,
  ...consumerMutants,
  ...consumerCommitsMutants,
  ...consumerReadingMutants,
  ...streamsMutants,
  ...streamsOperatorsMutants,
  ...streamsStateMutants,
  ...streamsTopicsMutants,
  ...messagesMutants,
  ...wireMutants,
  ...serverMutants,
  ...serverKeysMutants,
  ...simulationMutants,
]
