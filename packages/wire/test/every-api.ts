import { listOffsetsApi } from '../src/cluster/list-offsets-api.ts'
import { metadataApi } from '../src/cluster/metadata-api.ts'
import type { AnyApiVersion } from '@kafkado/messages'
import { produceApi } from '../src/operations/00-produce.ts'
import { fetchApi } from '../src/operations/01-fetch.ts'
import { offsetCommitApi } from '../src/operations/08-offset-commit.ts'
import { offsetFetchApi } from '../src/operations/09-offset-fetch.ts'
import { findCoordinatorApi } from '../src/cluster/find-coordinator-api.ts'
import { describeGroupsApi } from '../src/operations/15-describe-classic-groups.ts'
import { listGroupsApi } from '../src/operations/16-list-groups.ts'
import { apiVersionsApi } from '../src/connection/broker-versions.ts'
import { createTopicsApi } from '../src/operations/19-create-topics.ts'
import { deleteTopicsApi } from '../src/operations/20-delete-topics.ts'
import { deleteRecordsApi } from '../src/operations/21-delete-records.ts'
import { initProducerIdApi } from '../src/operations/22-init-producer-id.ts'
import { offsetForLeaderEpochApi } from '../src/operations/23-offset-for-leader-epoch.ts'
import { addPartitionsToTxnApi } from '../src/operations/24-add-partitions-to-txn.ts'
import { addOffsetsToTxnApi } from '../src/operations/25-add-offsets-to-txn.ts'
import { endTxnApi } from '../src/operations/26-end-txn.ts'
import { txnOffsetCommitApi } from '../src/operations/28-txn-offset-commit.ts'
import { describeConfigsApi } from '../src/operations/32-describe-configs.ts'
import { createPartitionsApi } from '../src/operations/37-create-partitions.ts'
import { deleteGroupsApi } from '../src/operations/42-delete-groups.ts'
import { incrementalAlterConfigsApi } from '../src/operations/44-incremental-alter-configs.ts'
import { offsetDeleteApi } from '../src/operations/47-offset-delete.ts'
import { describeProducersApi } from '../src/operations/61-describe-producers.ts'
import { describeTransactionsApi } from '../src/operations/65-describe-transactions.ts'
import { listTransactionsApi } from '../src/operations/66-list-transactions.ts'
import { consumerGroupHeartbeatApi } from '../src/operations/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribeApi } from '../src/operations/69-describe-groups.ts'

/** All APIs that are spoken; a test compares it with what the sources define. */
export const everyApi: readonly AnyApiVersion[] = [
  produceApi,
  fetchApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  findCoordinatorApi,
  describeGroupsApi,
  listGroupsApi,
  apiVersionsApi,
  createTopicsApi,
  deleteTopicsApi,
  deleteRecordsApi,
  initProducerIdApi,
  offsetForLeaderEpochApi,
  addPartitionsToTxnApi,
  addOffsetsToTxnApi,
  endTxnApi,
  txnOffsetCommitApi,
  describeConfigsApi,
  createPartitionsApi,
  deleteGroupsApi,
  incrementalAlterConfigsApi,
  offsetDeleteApi,
  describeProducersApi,
  describeTransactionsApi,
  listTransactionsApi,
  consumerGroupHeartbeatApi,
  consumerGroupDescribeApi,
]
