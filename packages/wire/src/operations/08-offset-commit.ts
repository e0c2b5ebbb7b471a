import type { offsetCommit } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { int32, nullableString, string, struct } from '../codec/fields.ts'
import { commitOffsets } from './commit-offsets.ts'
import type { WireHandler } from './handler.ts'
import { offsetsToCommit, partitionErrors } from './partition-results.ts'

/** OffsetCommit (API key 8) in the version of groups whose members have epochs (KIP-848), which still names topics. */
export const offsetCommitApi = defineApi({
  key: 8,
  name: 'OffsetCommit',
  version: 9,
  request: struct({
    groupId: string,
    memberEpoch: int32,
    memberId: string,
    groupInstanceId: nullableString,
    topics: offsetsToCommit,
  }),
  response: struct({ throttleTimeMs: int32, topics: partitionErrors }),
})

export const sendOffsetCommit: WireHandler<typeof offsetCommit> = (cluster, request, call) =>
  commitOffsets(cluster, request, call, (nodeId, topics, options) =>
    cluster.ask(nodeId, offsetCommitApi, { ...request, topics }, call, options),
  )
