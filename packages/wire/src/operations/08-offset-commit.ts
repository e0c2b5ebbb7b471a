import type { offsetCommit } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { int32, nullableString, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'
import { forMeantTopics } from './meant-topics.ts'
import { offsetsToCommit, partitionErrors, partitionResults, refusedPartitions } from './partition-results.ts'

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
  cluster.coordinated('group', request.groupId, call, async (nodeId) => {
    const options = { lane: 'coordinators', orderKey: request.groupId } as const
    return forMeantTopics(cluster, nodeId, request.topics, call, options, {
      send: async (topics) => {
        const response = await cluster.ask(nodeId, offsetCommitApi, { ...request, topics }, call, options)
        return { throttleTimeMs: response.throttleTimeMs, topics: partitionResults(topics, response.topics) }
      },
      refuse: refusedPartitions,
    })
  })
