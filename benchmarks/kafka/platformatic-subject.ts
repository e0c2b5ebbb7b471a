import { once } from 'node:events'
import {
  compatibilityPartitioner,
  Consumer,
  MessagesStreamModes,
  type MessageToProduce,
  ProduceAcks,
  Producer,
} from '@platformatic/kafka'
import { batchBytes, fetching, partitions, waitingRecords } from './common-settings.ts'
import type { KafkaSubject } from './kafka-subject.ts'
import { lookAt } from './look-at.ts'
import { keyAt, valueAt } from './workload.ts'

/**
 * Its stream lingers by a number of records of all partitions together, so this many make batches of about the same
 * size.
 */
const batchRecords = partitions * Math.round(batchBytes / (keyAt(0).length + valueAt(0).length))

/** @platformatic/kafka, given bytes and no serialisers, with the partitions that Java's client chooses. */
export const platformatic: KafkaSubject = {
  how:
    `producer.send, a request a call; one by one: producer.asStream, ${batchRecords} records a request, which ` +
    `tells nothing of single records; consumer.consume, 'data' events`,
  // As many as it has in flight on a connection. Numbered batches it sends one request at a time.
  callsInFlight: 5,

  async openProducer({ brokers, topic, idempotent, lingerMs }) {
    const producer = new Producer({
      clientId: 'benchmark',
      bootstrapBrokers: brokers.split(','),
      idempotent,
      partitioner: compatibilityPartitioner,
      autocreateTopics: false,
    })
    const acks = ProduceAcks.ALL
    const messageAt = (index: number): MessageToProduce => ({ topic, key: keyAt(index), value: valueAt(index) })
    return {
      sendMany(start, end) {
        const messages = Array.from({ length: end - start }, (_, index) => messageAt(start + index))
        return producer.send({ messages, acks })
      },
      async sendSingly(count) {
        const stream = producer.asStream({
          batchSize: batchRecords,
          batchTime: lingerMs,
          highWaterMark: waitingRecords,
          acks,
        })
        for (let index = 0; index < count; index++) if (!stream.write(messageAt(index))) await once(stream, 'drain')
        await stream.close()
      },
      close: () => producer.close(),
    }
  },

  async consume({ brokers, topic, group, as }, meter) {
    const consumer = new Consumer({
      clientId: 'benchmark',
      groupId: group,
      bootstrapBrokers: brokers.split(','),
      minBytes: fetching.minBytes,
      maxBytes: fetching.maxBytes,
      maxBytesPerPartition: fetching.maxBytesPerPartition,
      maxWaitTime: fetching.maxWaitMs,
      autocommit: fetching.commitIntervalMs,
    })
    const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST })
    // Its own benchmarks listen as well: iterating makes a promise for every record.
    stream.on('data', ({ value }) => lookAt(value, as, meter))
    const failed = once(stream, 'error').then(([error]) => Promise.reject(error as Error))
    await Promise.race([meter.done, failed])
    await consumer.close(true)
  },
}
