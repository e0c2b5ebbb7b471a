import type { txnOffsetCommit } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { int16, int32, int64, nullableString, string, struct } from '../codec/fields.ts'
import { commitOffsets } from './commit-offsets.ts'
import type { WireHandler } from './handler.ts'
import { offsetsToCommit, partitionErrors } from './partition-results.ts'

/** TxnOffsetCommit (API key 28) in the version that enrols the group in the transaction by itself (KIP-890). */
export const txnOffsetCommitApi = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  version: 5,
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: int32,
    memberId: string,
    groupInstanceId: nullableString,
    topics: offsetsToCommit,
  }),
  response: struct({ throttleTimeMs: int32, topics: partitionErrors }),
})

/** The group's coordinator takes the offsets, and enrols itself with that of the transaction. */
export const sendTxnOffsetCommit: WireHandler<typeof txnOffsetCommit> = (cluster, request, call) =>
  commitOffsets(cluster, request, call, (nodeId, topics, options) =>
    cluster.ask(nodeId, txnOffsetCommitApi, { ...request, topics }, call, options),
  )
