import {
  type AnyOperation,
  fetch,
  InvalidRequestError,
  listOffsets,
  metadata,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'
import { RecordBatchBuilder } from '@kafkado/core/internal'

/**
 * A server of one topic with one partition, whose records are there from the start: for tests of what a consumer does
 * by itself.
 */
export class OneTopic implements Transport {
  readonly #topic: string
  readonly #values: readonly unknown[]

  constructor(topic: string, values: readonly unknown[]) {
    this.#topic = topic
    this.#values = values
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    { signal }: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    const answer = await this.#answer(operation, request, signal)
    return answer as ResponseOf<O>
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #answer(operation: AnyOperation, request: unknown, signal: AbortSignal | undefined): unknown {
    if (operation === (metadata as AnyOperation)) return this.#metadata()
    if (operation === (listOffsets as AnyOperation)) return this.#of({ timestamp: -1, offset: 0 })
    if (operation === (fetch as AnyOperation)) return this.#fetch(request as RequestOf<typeof fetch>, signal)
    throw new InvalidRequestError(`this server does not know ${operation.name}`)
  }

  #metadata(): ResponseOf<typeof metadata> {
    const partitions = [{ errorCode: 0, partition: 0, leaderId: 1, leaderEpoch: 0 }]
    const topic = { errorCode: 0, topic: this.#topic, topicId: null, isInternal: false, partitions }
    return { throttleTimeMs: 0, clusterId: null, controllerId: 1, brokers: [], topics: [topic] }
  }

  /** All that is there from an offset on; behind the end nothing comes until the reader goes. */
  #fetch({ topics }: RequestOf<typeof fetch>, signal: AbortSignal | undefined): unknown {
    const from = topics[0]?.partitions[0]?.fetchOffset ?? 0
    const end = this.#values.length
    if (from >= end)
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    const builder = new RecordBatchBuilder()
    for (const value of this.#values)
      builder.append({ timestamp: 0, key: null, value: JSON.stringify(value), headers: [] })
    const offsets = { highWatermark: end, lastStableOffset: end, logStartOffset: 0 }
    return this.#of({ ...offsets, abortedTransactions: null, records: builder.build({}) as Uint8Array })
  }

  #of(answer: object): unknown {
    return {
      throttleTimeMs: 0,
      topics: [{ topic: this.#topic, partitions: [{ partition: 0, errorCode: 0, ...answer }] }],
    }
  }
}
