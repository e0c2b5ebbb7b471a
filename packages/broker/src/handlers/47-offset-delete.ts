import { offsetDelete } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { failed, noSuchPartition, succeeded } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

export const handleOffsetDelete = handles(offsetDelete, async (engine, { groupId, topics }) => {
  if (engine.groups.stateOf(groupId) === 'Dead')
    throw errorOfCode('GROUP_ID_NOT_FOUND', { detail: `there is no group '${groupId}'` })
  const subscribed = engine.groups.subscribedNames(groupId)
  const changes = engine.beginEnding()
  const answers = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => {
      const found = engine.topics.find(topic)
      if (!found?.partitions[partition])
        return { partition, ...noSuchPartition(topic, partition, found?.partitions.length) }
      if (subscribed.has(topic)) {
        return {
          partition,
          ...failed('GROUP_SUBSCRIBED_TO_TOPIC', `group '${groupId}' is subscribed to topic '${topic}'`),
        }
      }
      engine.groups.offsets.forget(changes, groupId, topic, partition)
      return { partition, ...succeeded }
    }),
  }))
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics: answers }
})
