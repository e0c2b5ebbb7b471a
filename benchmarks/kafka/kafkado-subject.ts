import { type ConsumerConfig, createConsumer } from '@kafkado/consumer'
import { defineTopic, http, type Transport } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { wire } from '@kafkado/wire'
import { batchBytes, fetching, waitingRecords } from './common-settings.ts'
import type { KafkaSubject } from './kafka-subject.ts'
import { keyAt, messagesBetween, valueAt } from './workload.ts'

const fetchConfig: ConsumerConfig = {
  fetchMinBytes: fetching.minBytes,
  fetchMaxBytes: fetching.maxBytes,
  maxPartitionFetchBytes: fetching.maxBytesPerPartition,
  fetchMaxWaitMs: fetching.maxWaitMs,
  autoCommitInterval: fetching.commitIntervalMs,
}

/** Ours, by its public interface, on brokers or on a server of ours (`http://…`). */
export const kafkado: KafkaSubject = {
  how: 'producer.sendBatch; one by one: producer.send; for await over the consumer',
  callsInFlight: 10,

  async openProducer({ brokers, topic, idempotent, lingerMs }) {
    const transport = connect(brokers)
    const definition = defineTopic(topic, { key: 'bytes', value: 'bytes' })
    const producer = createProducer(transport, definition, {
      idempotent,
      lingerMs,
      batchSize: batchBytes,
      maxBufferedBytes: waitingRecords * (keyAt(0).length + valueAt(0).length),
    })
    return {
      sendMany: (start, end) => producer.sendBatch(messagesBetween(start, end)),
      async sendSingly(count) {
        for (let index = 0; index < count; index++) {
          // One that failed would end the process, because nobody catches it.
          void producer.send(valueAt(index), { key: keyAt(index) })
          // Now and then, as awaiting each time costs more than it holds back.
          if (index % 100 === 0) await producer.ready()
        }
        await producer.flush()
      },
      async close() {
        await producer.close()
        await transport.close()
      },
    }
  },

  async consume({ brokers, topic, group, as }, meter) {
    const transport = connect(brokers)
    const config = { ...fetchConfig, group }
    if (as === 'bytes') {
      for await (const { value } of createConsumer(transport, defineTopic(topic, { value: 'bytes' }), config)) {
        meter.onBytes(value)
        if (meter.isDone) break
      }
    } else {
      for await (const { value } of createConsumer<{ amount: number }>(transport, topic, config)) {
        meter.onOrder(value)
        if (meter.isDone) break
      }
    }
    await transport.close()
  },
}

function connect(brokers: string): Transport {
  return brokers.startsWith('http:') ? http(brokers) : wire(brokers)
}
