import {
  type AnyOperation,
  fetch,
  InvalidRequestError,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'
import { endOffsetOf } from '@kafkado/core/internal'

/** What a partition of {@link ServedLogs} has. */
export interface ServedLog {
  readonly batches: readonly Uint8Array[]
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number; readonly endOffset: number }[]
}

/** A server of one topic whose logs exist from the start, byte for byte as a test has made them. */
export class ServedLogs implements Transport {
  readonly committed = new Map<number, number>()
  readonly #topic: string
  readonly #logs: readonly ServedLog[]
  readonly #batchesAtATime: number

  constructor(topic: string, logs: readonly ServedLog[], batchesAtATime: number) {
    this.#topic = topic
    this.#logs = logs
    this.#batchesAtATime = batchesAtATime
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
    if (operation === (fetch as AnyOperation)) return this.#fetch(request as RequestOf<typeof fetch>, signal)
    if (operation === (listOffsets as AnyOperation)) return this.#each(() => ({ timestamp: -1, offset: 0 }))
    if (operation === (offsetFetch as AnyOperation))
      return this.#each((at) => ({
        committedOffset: this.committed.get(at) ?? -1,
        committedLeaderEpoch: -1,
        metadata: null,
      }))
    if (operation === (offsetCommit as AnyOperation)) return this.#commit(request as RequestOf<typeof offsetCommit>)
    throw new InvalidRequestError(`this server does not know ${operation.name}`)
  }

  #metadata(): ResponseOf<typeof metadata> {
    const partitions = this.#logs.map((_, partition) => ({ errorCode: 0, partition, leaderId: 1, leaderEpoch: 0 }))
    const topic = { errorCode: 0, topic: this.#topic, topicId: null, isInternal: false, partitions }
    return { throttleTimeMs: 0, clusterId: null, controllerId: 1, brokers: [], topics: [topic] }
  }

  #commit({ topics }: RequestOf<typeof offsetCommit>): unknown {
    for (const { partition, committedOffset } of topics[0]?.partitions ?? [])
      this.committed.set(partition, committedOffset)
    return this.#each(() => ({}))
  }

  /** Batches that reach beyond the offset, a few at a time. At the end, the answer waits until the reader leaves. */
  #fetch({ topics }: RequestOf<typeof fetch>, signal: AbortSignal | undefined): unknown {
    const asked = new Map(topics[0]?.partitions.map(({ partition, fetchOffset }) => [partition, fetchOffset]))
    const answer = this.#each((partition) => {
      const from = asked.get(partition) ?? Number.POSITIVE_INFINITY
      const { batches, aborted } = this.#logs[partition] as ServedLog
      const end = batches.length === 0 ? 0 : endOffsetOf(batches.at(-1) as Uint8Array)
      const left = batches.filter((batch) => endOffsetOf(batch) > from).slice(0, this.#batchesAtATime)
      const abortedTransactions = aborted
        .filter(({ endOffset }) => endOffset > from)
        .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
      const offsets = { highWatermark: end, lastStableOffset: end, logStartOffset: 0 }
      return { ...offsets, abortedTransactions, records: Buffer.concat(left) }
    })
    if (answer.topics[0]?.partitions.some(({ records }) => records.length > 0)) return answer
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  }

  #each<T extends object>(answer: (partition: number) => T) {
    const partitions = this.#logs.map((_, partition) => ({ partition, errorCode: 0, ...answer(partition) }))
    return { throttleTimeMs: 0, topics: [{ topic: this.#topic, partitions }] }
  }
}
