import { Kafka, logLevel } from 'kafkajs'
import { fetching } from './common-settings.ts'
import type { KafkaSubject } from './kafka-subject.ts'
import { lookAt } from './look-at.ts'
import { messagesBetween } from './workload.ts'

/** kafkajs. A call of it is a request, so single sends would be requests of one record each; they are left out. */
export const kafkajs: KafkaSubject = {
  how: 'producer.send, a request a call; eachBatch',
  callsInFlight: 5,

  async openProducer({ brokers, topic, idempotent }) {
    const producer = clientOf(brokers).producer({ idempotent, allowAutoTopicCreation: false })
    await producer.connect()
    return {
      sendMany: (start, end) => producer.send({ topic, messages: messagesBetween(start, end), acks: -1 }),
      close: () => producer.disconnect(),
    }
  },

  async consume({ brokers, topic, group, as }, meter) {
    const consumer = clientOf(brokers).consumer({
      groupId: group,
      minBytes: fetching.minBytes,
      maxBytes: fetching.maxBytes,
      maxBytesPerPartition: fetching.maxBytesPerPartition,
      maxWaitTimeInMs: fetching.maxWaitMs,
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommitInterval: fetching.commitIntervalMs,
      // eachMessage awaits every record.
      async eachBatch({ batch }) {
        for (const { value } of batch.messages) lookAt(value as Buffer, as, meter)
      },
    })
    await meter.done
    await consumer.disconnect()
  },
}

function clientOf(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
}
