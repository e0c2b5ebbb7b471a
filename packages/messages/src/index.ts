export { produce } from './apis/00-produce.ts'
export { fetch } from './apis/01-fetch.ts'
export { listOffsets } from './apis/02-list-offsets.ts'
export { metadata } from './apis/03-metadata.ts'
export { offsetCommit } from './apis/08-offset-commit.ts'
export { offsetFetch } from './apis/09-offset-fetch.ts'
export { findCoordinator } from './apis/10-find-coordinator.ts'
export { describeGroups } from './apis/15-describe-groups.ts'
export { listGroups } from './apis/16-list-groups.ts'
export { saslHandshake } from './apis/17-sasl-handshake.ts'
export { apiVersions } from './apis/18-api-versions.ts'
export { createTopics } from './apis/19-create-topics.ts'
export { deleteTopics } from './apis/20-delete-topics.ts'
export { deleteRecords } from './apis/21-delete-records.ts'
export { initProducerId } from './apis/22-init-producer-id.ts'
export { offsetForLeaderEpoch } from './apis/23-offset-for-leader-epoch.ts'
export { addPartitionsToTxn } from './apis/24-add-partitions-to-txn.ts'
export { addOffsetsToTxn } from './apis/25-add-offsets-to-txn.ts'
export { endTxn } from './apis/26-end-txn.ts'
export { txnOffsetCommit } from './apis/28-txn-offset-commit.ts'
export { describeConfigs } from './apis/32-describe-configs.ts'
export { saslAuthenticate } from './apis/36-sasl-authenticate.ts'
export { createPartitions } from './apis/37-create-partitions.ts'
export { deleteGroups } from './apis/42-delete-groups.ts'
export { incrementalAlterConfigs } from './apis/44-incremental-alter-configs.ts'
export { offsetDelete } from './apis/47-offset-delete.ts'
export { describeProducers } from './apis/61-describe-producers.ts'
export { describeTransactions } from './apis/65-describe-transactions.ts'
export { listTransactions } from './apis/66-list-transactions.ts'
export { consumerGroupHeartbeat } from './apis/68-consumer-group-heartbeat.ts'
export { consumerGroupDescribe } from './apis/69-consumer-group-describe.ts'
export { everyApi } from './apis/every-api.ts'
export {
  type AnyApi,
  type AnyApiVersion,
  type Api,
  type ApiVersion,
  type RequestHeaderVersion,
  type ResponseHeaderVersion,
} from './api.ts'
export { MalformedMessage } from './codec/message-reader.ts'
export { consumerProtocolAssignment, consumerProtocolSubscription } from './consumer-protocol.ts'
export {
  readRequestHeader,
  readResponseHeader,
  type RequestHeader,
  writeRequestHeader,
  writeResponseHeader,
} from './headers.ts'
export type { Message } from './message.ts'
