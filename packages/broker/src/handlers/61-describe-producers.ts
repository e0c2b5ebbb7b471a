import { describeProducers } from '@kafkado/core'
import { noSuchPartition, succeeded } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

export const handleDescribeProducers = handles(describeProducers, (engine, request) => {
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => {
      const found = engine.topics.find(topic)
      const log = found?.partitions[partition]
      if (!log)
        return { partition, ...noSuchPartition(topic, partition, found?.partitions.length), activeProducers: [] }
      const activeProducers = [...log.producers.entries()].map(([producerId, producer]) => ({
        producerId,
        producerEpoch: producer.epoch,
        lastSequence: producer.batches.at(-1)?.[1] ?? -1,
        lastTimestamp: producer.lastAppendMs,
        coordinatorEpoch: 0,
        currentTxnStartOffset: producer.transactionStartOffset ?? -1,
      }))
      return { partition, ...succeeded, activeProducers }
    }),
  }))
  return { throttleTimeMs: 0, topics }
})
