import { waitingRecords } from './common-settings.ts'
import { consumerConfig, producerConfig, sendsTogether } from './confluent-settings.ts'
import { keepInFlight } from './in-flight.ts'
import type { KafkaSubject } from './kafka-subject.ts'
import { loadConfluent } from './load-confluent.ts'
import { lookAt } from './look-at.ts'
import { messagesBetween } from './workload.ts'

/** Confluent's client of librdkafka by its interface of promises. */
export const confluent: KafkaSubject = {
  how: 'interface of promises: producer.send; eachBatch without a limit to its size',
  callsInFlight: 10,

  async openProducer(settings) {
    const { brokers, topic, idempotent } = settings
    const { KafkaJS } = loadConfluent()
    const producer = new KafkaJS.Kafka({}).producer({
      ...producerConfig(settings),
      kafkaJS: { brokers: brokers.split(','), idempotent, acks: -1, logLevel: KafkaJS.logLevel.NOTHING },
    })
    await producer.connect()
    const send = (start: number, end: number): Promise<unknown> =>
      producer.send({ topic, messages: messagesBetween(start, end) })
    return {
      sendMany: send,
      sendSingly: (count) =>
        keepInFlight(Math.ceil(count / sendsTogether), waitingRecords / sendsTogether, (group) => {
          const start = group * sendsTogether
          const length = Math.min(sendsTogether, count - start)
          return Promise.all(Array.from({ length }, (_, index) => send(start + index, start + index + 1)))
        }),
      close: () => producer.disconnect(),
    }
  },

  async consume(settings, meter) {
    const { brokers, topic, group, as } = settings
    const { KafkaJS } = loadConfluent()
    const consumer = new KafkaJS.Kafka({}).consumer({
      ...consumerConfig(settings),
      // Its default of 32 records a batch is slower.
      'js.consumer.max.batch.size': -1,
      kafkaJS: { brokers: brokers.split(','), groupId: group, fromBeginning: true, logLevel: KafkaJS.logLevel.NOTHING },
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic] })
    await consumer.run({
      async eachBatch({ batch }) {
        for (const { value } of batch.messages) lookAt(value, as, meter)
      },
    })
    await meter.done
    await consumer.disconnect()
  },
}
