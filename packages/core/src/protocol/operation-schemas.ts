import { produce, produceSchemas } from './00-produce.ts'
import { fetch, fetchSchemas } from './01-fetch.ts'
import { listOffsets, listOffsetsSchemas } from './02-list-offsets.ts'
import { metadata, metadataSchemas } from './03-metadata.ts'
import { offsetCommit, offsetCommitSchemas } from './08-offset-commit.ts'
import { offsetFetch, offsetFetchSchemas } from './09-offset-fetch.ts'
import { listGroups, listGroupsSchemas } from './16-list-groups.ts'
import { createTopics, createTopicsSchemas } from './19-create-topics.ts'
import { deleteTopics, deleteTopicsSchemas } from './20-delete-topics.ts'
import { deleteRecords, deleteRecordsSchemas } from './21-delete-records.ts'
import { initProducerId, initProducerIdSchemas } from './22-init-producer-id.ts'
import { offsetForLeaderEpoch, offsetForLeaderEpochSchemas } from './23-offset-for-leader-epoch.ts'
import { addPartitionsToTxn, addPartitionsToTxnSchemas } from './24-add-partitions-to-txn.ts'
import { addOffsetsToTxn, addOffsetsToTxnSchemas } from './25-add-offsets-to-txn.ts'
import { endTxn, endTxnSchemas } from './26-end-txn.ts'
import { txnOffsetCommit, txnOffsetCommitSchemas } from './28-txn-offset-commit.ts'
import { describeConfigs, describeConfigsSchemas } from './32-describe-configs.ts'
import { createPartitions, createPartitionsSchemas } from './37-create-partitions.ts'
import { deleteGroups, deleteGroupsSchemas } from './42-delete-groups.ts'
import { incrementalAlterConfigs, incrementalAlterConfigsSchemas } from './44-incremental-alter-configs.ts'
import { offsetDelete, offsetDeleteSchemas } from './47-offset-delete.ts'
import { describeProducers, describeProducersSchemas } from './61-describe-producers.ts'
import { describeTransactions, describeTransactionsSchemas } from './65-describe-transactions.ts'
import { listTransactions, listTransactionsSchemas } from './66-list-transactions.ts'
import { consumerGroupHeartbeat, consumerGroupHeartbeatSchemas } from './68-consumer-group-heartbeat.ts'
import { describeGroups, describeGroupsSchemas } from './69-describe-groups.ts'
import { capabilities, capabilitiesSchemas } from './capabilities.ts'
import type { NeedsOf } from './needs.ts'
import type { AnyOperation, OperationSchemas, RequestOf } from './operation.ts'

/** Does not compile where the needs are about fields that the request does not have, or that name nothing. */
const of = <O extends AnyOperation>(
  operation: O,
  makeSchemas: () => OperationSchemas<NeedsOf<RequestOf<O>>>,
): [AnyOperation, () => OperationSchemas] => [operation, makeSchemas]

const makers = new Map([
  of(produce, produceSchemas),
  of(fetch, fetchSchemas),
  of(listOffsets, listOffsetsSchemas),
  of(metadata, metadataSchemas),
  of(offsetCommit, offsetCommitSchemas),
  of(offsetFetch, offsetFetchSchemas),
  of(listGroups, listGroupsSchemas),
  of(createTopics, createTopicsSchemas),
  of(deleteTopics, deleteTopicsSchemas),
  of(deleteRecords, deleteRecordsSchemas),
  of(initProducerId, initProducerIdSchemas),
  of(offsetForLeaderEpoch, offsetForLeaderEpochSchemas),
  of(addPartitionsToTxn, addPartitionsToTxnSchemas),
  of(addOffsetsToTxn, addOffsetsToTxnSchemas),
  of(endTxn, endTxnSchemas),
  of(txnOffsetCommit, txnOffsetCommitSchemas),
  of(describeConfigs, describeConfigsSchemas),
  of(createPartitions, createPartitionsSchemas),
  of(deleteGroups, deleteGroupsSchemas),
  of(incrementalAlterConfigs, incrementalAlterConfigsSchemas),
  of(offsetDelete, offsetDeleteSchemas),
  of(describeProducers, describeProducersSchemas),
  of(describeTransactions, describeTransactionsSchemas),
  of(listTransactions, listTransactionsSchemas),
  of(consumerGroupHeartbeat, consumerGroupHeartbeatSchemas),
  of(describeGroups, describeGroupsSchemas),
  of(capabilities, capabilitiesSchemas),
])

/**
 * Every operation there is, by API key: for servers and engines, which must know them all. Clients import the few they
 * use.
 */
export const allOperations: readonly AnyOperation[] = [...makers.keys()]

const made = new Map<AnyOperation, OperationSchemas>()

/**
 * The schemas of an operation, made when they are first needed. They are apart from the operation itself so that a page
 * which sends it carries neither them nor the library they are made with.
 */
export function schemasOf(operation: AnyOperation): OperationSchemas {
  let schemas = made.get(operation)
  if (!schemas) {
    schemas = (makers.get(operation) as () => OperationSchemas)()
    made.set(operation, schemas)
  }
  return schemas
}
