import type { offsetDelete } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'
import { partitionErrors, partitionResults } from './partition-results.ts'

/** OffsetDelete (API key 47), which has no flexible version. */
export const offsetDeleteApi = defineApi({
  key: 47,
  name: 'OffsetDelete',
  version: 0,
  isFlexible: false,
  request: struct({
    groupId: string,
    topics: array(struct({ topic: string, partitions: array(struct({ partition: int32 })) })),
  }),
  response: struct({ errorCode: int16, throttleTimeMs: int32, topics: partitionErrors }),
})

export const sendOffsetDelete: WireHandler<typeof offsetDelete> = async (cluster, { groupId, topics: asked }, call) => {
  const topics = asked.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => ({ partition })),
  }))
  const response = await cluster.askCoordinator('group', groupId, offsetDeleteApi, { groupId, topics }, call)
  return { throttleTimeMs: response.throttleTimeMs, topics: partitionResults(asked, response.topics) }
}
