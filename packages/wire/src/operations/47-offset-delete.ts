import { offsetDelete } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'
import { partitionResults } from './partition-results.ts'

/** OffsetDelete (API key 47), which has no flexible version. */
export const offsetDeleteApi = messages.offsetDelete.at(0)

export const offsetDeleteHandler = handles(offsetDelete, async (cluster, { groupId, topics: asked }, call) => {
  const topics = asked.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => ({ partition })),
  }))
  const response = await cluster.askCoordinator('group', groupId, offsetDeleteApi, { groupId, topics }, call)
  return { throttleTimeMs: response.throttleTimeMs, topics: partitionResults(asked, response.topics) }
})
