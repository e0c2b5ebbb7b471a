import { type Interceptor, KafkaRecord, produce, type ProduceRequest, type ProduceResponse } from '@kafkado/core'
import {
  readRecordBatchHeader,
  readRecords,
  topicDefinitionOf,
  type UnpackedRecordBatch,
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
        if (answer?.errorCode === 0) await this.#add(topic, partition, records.slice(), answer.baseOffset)
      }
    }
  }

  async #add(topic: string, partition: number, batch: Uint8Array, baseOffset: number): Promise<void> {
    const { key: keySerde, value: valueSerde } = topicDefinitionOf(topic)
    const source = { topic, partition, keySerde, valueSerde, commit: () => Promise.resolve() }
    const kept = this.#topics.get(topic) ?? []
    const known = new Set(kept.filter((record) => record.partition === partition).map(({ offset }) => offset))
    const unpacked: UnpackedRecordBatch = await unpackRecordBatch(batch, readRecordBatchHeader(batch))
    readRecords(unpacked, (bytes, delta, timestamp, keyStart, keyEnd, valueStart, valueEnd, headers, count) => {
      const offset = baseOffset + delta
      // A batch that was sent twice has the offsets of the first time.
      if (known.has(offset)) return
      kept.push(
        new KafkaRecord(source, bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headers, count),
      )
    })
    this.#topics.set(topic, kept)
  }
}
