import { offsetFetch, type ResponseOf } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { throwRefusal } from '../cluster/cluster.ts'
import * as messages from '@kafkado/messages'
import { forMeantTopics } from './meant-topics.ts'
import { handles } from './handler.ts'

/**
 * OffsetFetch (API key 9) in the version with member epochs (KIP-848), which still uses topic names. It can ask for
 * several groups; we ask for one.
 */
export const offsetFetchApi = messages.offsetFetch.at(9)

export const offsetFetchHandler = handles(offsetFetch, (cluster, request, call) => {
  const { groupId, memberId, memberEpoch, topics: asked, requireStable } = request
  const options = { lane: 'coordinators', orderKey: groupId } as const
  const askFor = async (nodeId: number, wanted: typeof asked): Promise<ResponseOf<typeof offsetFetch>> => {
    const groups = [{ groupId, memberId, memberEpoch, topics: wanted }]
    const response = await cluster.ask(nodeId, offsetFetchApi, { groups, requireStable }, call, options)
    const [group] = response.groups
    throwRefusal(group?.errorCode ?? 'UNKNOWN_SERVER_ERROR')
    const topics = (group?.topics ?? []).map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ errorCode, ...partition }) => ({
        ...partition,
        ...described(errorCode),
        // A partition without a commit has no metadata, which Kafka writes as an empty string.
        metadata: partition.committedOffset < 0 ? null : partition.metadata,
      })),
    }))
    return { throttleTimeMs: response.throttleTimeMs, topics }
  }
  return cluster.coordinated('group', groupId, call, (nodeId) => {
    if (asked === null) return askFor(nodeId, null)
    return forMeantTopics(cluster, nodeId, asked, call, options, {
      send: (wanted) => askFor(nodeId, wanted),
      refuse: ({ topic, partitions }, error) => ({
        topic,
        partitions: partitions.map((partition) => ({ partition, ...error, ...nothingCommitted })),
      }),
    })
  })
})
const nothingCommitted = { committedOffset: -1, committedLeaderEpoch: -1, metadata: null }
