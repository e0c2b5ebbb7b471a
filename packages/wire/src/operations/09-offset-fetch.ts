import type { offsetFetch } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import { defineApi } from '../codec/api.ts'
import { array, boolean, int16, int32, int64, nullableArray, nullableString, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** OffsetFetch (API key 9) in the version that knows member epochs (KIP-848) and still names topics. It asks for several groups; we for one. */
export const offsetFetchApi = defineApi({
  key: 9,
  name: 'OffsetFetch',
  version: 9,
  request: struct({
    groups: array(
      struct({
        groupId: string,
        memberId: nullableString,
        memberEpoch: int32,
        topics: nullableArray(struct({ topic: string, partitions: array(int32) })),
      }),
    ),
    requireStable: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    groups: array(
      struct({
        groupId: string,
        topics: array(
          struct({
            topic: string,
            partitions: array(
              struct({
                partition: int32,
                committedOffset: int64,
                committedLeaderEpoch: int32,
                metadata: nullableString,
                errorCode: int16,
              }),
            ),
          }),
        ),
        errorCode: int16,
      }),
    ),
  }),
})

export const sendOffsetFetch: WireHandler<typeof offsetFetch> = (cluster, request, call) => {
  const { groupId, memberId, memberEpoch, topics: asked, requireStable } = request
  return cluster.coordinated('group', groupId, call, async (nodeId) => {
    const options = { lane: 'coordinators', orderKey: groupId } as const
    const groups = [{ groupId, memberId, memberEpoch, topics: asked }]
    const response = await cluster.ask(nodeId, offsetFetchApi, { groups, requireStable }, call, options)
    const [group] = response.groups
    throwRefusal(group?.errorCode ?? -1)
    const topics = (group?.topics ?? []).map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ errorCode, ...partition }) => ({
        ...partition,
        ...described(errorCode),
        // Where nothing was committed there is no metadata, which Kafka writes as an empty text.
        metadata: partition.committedOffset < 0 ? null : partition.metadata,
      })),
    }))
    return { throttleTimeMs: response.throttleTimeMs, topics }
  })
}
