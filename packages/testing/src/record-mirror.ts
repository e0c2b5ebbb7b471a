import { endTxn, type Interceptor, type KafkaRecord, produce, type TopicLike } from '@kafkado/core'
import type { EndTxnRequest, ProduceRequest, ProduceResponse } from '@kafkado/core/protocol'
import {
  copyBytes,
  readRecordBatchHeader,
  type RecordBatchHeader,
  topicDefinitionOf,
  unpackRecordBatch,
} from '@kafkado/core/internal'
import { TopicMirror, type WrittenBatch } from './topic-mirror.ts'

interface OpenBatch extends WrittenBatch {
  readonly topic: string
}

/**
 * Copies the records that pass through a transport, so that a test can look at them without waiting. As for consumers,
 * records of a transaction appear once it is committed.
 */
export class RecordMirror {
  readonly #topics = new Map<string, TopicMirror>()
  /** The batches of open transactions, by producer. */
  readonly #open = new Map<string, OpenBatch[]>()
  /** Numbered batches already written: a batch that is sent twice is written once. */
  readonly #known = new Set<string>()
  readonly #listeners = new Set<() => void>()

  /** The records of a topic, in the order of acknowledgement. */
  records<V, K>(topic: TopicLike<V, K>): KafkaRecord<V, K>[] {
    const definition = topicDefinitionOf(topic)
    return this.#topic(definition.name).records(topic, definition)
  }

  /** Calls the listener whenever any topic has more records, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly interceptor: Interceptor = (next) => async (operation, request, options) => {
    const response = await next(operation, request, options)
    if ((operation as unknown) === produce) await this.#keep(request as ProduceRequest, response as ProduceResponse)
    if ((operation as unknown) === endTxn) this.#end(request as EndTxnRequest)
    return response
  }

  async #keep(request: ProduceRequest, response: ProduceResponse): Promise<void> {
    for (const { topic, partitions } of request.topics) {
      const answers = response.topics.find((answered) => answered.topic === topic)?.partitions
      for (const { partition, records } of partitions) {
        const answer = answers?.find((answered) => answered.partition === partition)
        if (answer?.errorCode === 0) await this.#add(topic, partition, copyBytes(records), answer.baseOffset)
      }
    }
  }

  async #add(topic: string, partition: number, batch: Uint8Array, baseOffset: number): Promise<void> {
    const header = { ...readRecordBatchHeader(batch), baseOffset }
    const unpacked = await unpackRecordBatch(batch, header)
    if (this.#isKnown(topic, partition, header)) return
    if (header.isTransactional) {
      const producer = producerOf(header)
      const batches = this.#open.get(producer) ?? []
      batches.push({ topic, partition, unpacked })
      this.#open.set(producer, batches)
    } else {
      this.#topic(topic).add({ partition, unpacked })
      this.#tell()
    }
  }

  /** Nobody reads aborted records. */
  #end(request: EndTxnRequest): void {
    const producer = producerOf(request)
    const batches = this.#open.get(producer) ?? []
    this.#open.delete(producer)
    if (!request.committed || batches.length === 0) return
    for (const { topic, ...batch } of batches) this.#topic(topic).add(batch)
    this.#tell()
  }

  #isKnown(topic: string, partition: number, header: RecordBatchHeader): boolean {
    const { producerId, baseSequence, baseOffset } = header
    // Without numbers, each request writes again.
    if (producerId < 0) return false
    const batch = `${topic}/${partition}/${producerOf(header)}/${baseSequence}/${baseOffset}`
    if (this.#known.has(batch)) return true
    this.#known.add(batch)
    return false
  }

  #topic(name: string): TopicMirror {
    const topic = this.#topics.get(name) ?? new TopicMirror()
    this.#topics.set(name, topic)
    return topic
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function producerOf({ producerId, producerEpoch }: Pick<RecordBatchHeader, 'producerId' | 'producerEpoch'>): string {
  return `${producerId}/${producerEpoch}`
}
