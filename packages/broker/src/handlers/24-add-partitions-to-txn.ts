import { addPartitionsToTxn } from '@kafkado/core'
import { failed, noSuchPartition, succeeded } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

/** Enrols all partitions, or none when one does not exist. */
export const handleAddPartitionsToTxn = handles(addPartitionsToTxn, async (engine, request) => {
  engine.transactions.check(request)
  const logs = request.topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => engine.topics.log(topic, partition)),
  )
  const isWhole = logs.every((log) => log !== undefined)
  const changes = engine.begin()
  if (isWhole)
    engine.transactions.enrol(
      changes,
      request,
      logs.map(({ logId }) => logId),
    )
  await engine.commit(changes)
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => {
      if (isWhole) return { partition, ...succeeded }
      const found = engine.topics.find(topic)
      return found?.partitions[partition]
        ? { partition, ...failed('OPERATION_NOT_ATTEMPTED') }
        : { partition, ...noSuchPartition(topic, partition, found?.partitions.length) }
    }),
  }))
  return { throttleTimeMs: 0, topics }
})
