import { waitingRecords } from './common-settings.ts'
import { consumerConfig, producerConfig, sendsTogether } from './confluent-settings.ts'
import type { KafkaSubject } from './kafka-subject.ts'
import { loadConfluent, type RdkafkaClient } from './load-confluent.ts'
import { lookAt } from './look-at.ts'
import { keyAt, valueAt } from './workload.ts'

/**
 * Confluent's client of librdkafka by its interface of callbacks, that of node-rdkafka, which makes no promise for a
 * record.
 */
export const confluentCallbacks: KafkaSubject = {
  how: 'interface of callbacks: producer.produce with delivery reports in the background; consumer.consume(10 000, …)',
  callsInFlight: undefined,

  async openProducer(settings) {
    const { topic, idempotent } = settings
    const producer = new (loadConfluent().Producer)({
      ...producerConfig(settings),
      'enable.idempotence': idempotent,
      acks: -1,
      partitioner: 'murmur2_random',
      dr_cb: true,
    })
    await connect(producer)
    producer.setPollInBackground(true)
    let delivered = 0
    let onDelivered = (): void => undefined
    producer.on('delivery-report', (error) => {
      if (error) throw error
      delivered++
      onDelivered()
    })
    return {
      async sendSingly(count) {
        const deliveredBefore = delivered
        const untilLeft = (left: number, sent: number): Promise<void> =>
          new Promise((resolve) => {
            onDelivered = () => {
              if (sent - (delivered - deliveredBefore) <= left) resolve()
            }
            onDelivered()
          })
        for (let index = 0; index < count; index++) {
          producer.produce(topic, null, valueAt(index), keyAt(index))
          if (index % sendsTogether === 0) await untilLeft(waitingRecords - sendsTogether, index + 1)
        }
        await untilLeft(0, count)
      },
      close: () => disconnect(producer),
    }
  },

  async consume(settings, meter) {
    const { topic, as } = settings
    const consumer = new (loadConfluent().KafkaConsumer)({
      ...consumerConfig(settings),
      'auto.offset.reset': 'earliest',
    })
    await connect(consumer)
    consumer.setDefaultConsumeTimeout(10)
    consumer.subscribe([topic])
    await new Promise<void>((resolve, reject) => {
      const consumeMore = (): void =>
        consumer.consume(10_000, (error, messages) => {
          if (error) return reject(error)
          for (const { value } of messages) lookAt(value, as, meter)
          return meter.isDone ? resolve() : consumeMore()
        })
      consumeMore()
    })
    await disconnect(consumer)
  },
}

function connect(client: RdkafkaClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect({}, (error) => (error ? reject(error) : resolve()))
  })
}

function disconnect(client: RdkafkaClient): Promise<void> {
  return new Promise((resolve) => {
    client.disconnect(() => resolve())
  })
}
