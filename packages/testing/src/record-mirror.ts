import { type Interceptor, type KafkaRecord, produce } from '@kafkado/core'
import type { ProduceRequest, ProduceResponse } from '@kafkado/core/protocol'
import {
  copyBytes,
  readKafkaRecords,
  readRecordBatchHeader,
  topicDefinitionOf,
  unpackRecordBatch,
} from '@kafkado/core/internal'

/** Copies of the records that went through a transport, so that a test can look at them without waiting. */
export class RecordMirror {
  readonly #topics = new Map<string, KafkaRecord[]>()

  /** What was written to a topic, in the order of its acknowledgement. */
  records(topic: string): KafkaRecord[] {
    return [...(this.#topics.get(topic) ?? [])]
  }

  clear(): void {
    this.#topics.clear()
  }

  readonly interceptor: Interceptor = (next) => async (operation, request, options) => {
    const response = await next(operation, request, options)
    if ((operation as unknown) === produce) await this.#keep(request as ProduceRequest, response as ProduceResponse)
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
    const { key: keySerde, value: valueSerde } = topicDefinitionOf(topic)
    const source = { topic, partition, keySerde, valueSerde, commit: () => Promise.resolve() }
    const kept = this.#topics.get(topic) ?? []
    const known = new Set(kept.filter((record) => record.partition === partition).map(({ offset }) => offset))
    const header = { ...readRecordBatchHeader(batch), baseOffset }
    const records: KafkaRecord[] = []
    readKafkaRecords(await unpackRecordBatch(batch, header), { source, into: records })
    // A batch that was sent twice has the offsets of the first time.
    kept.push(...records.filter(({ offset }) => !known.has(offset)))
    this.#topics.set(topic, kept)
  }
}
