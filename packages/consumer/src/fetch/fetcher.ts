import { fetch, isKafkaError, KafkaError, type Transport } from '@kafkado/core'
import type { FetchedPartition } from '@kafkado/core/protocol'
import { answersOf, backoffOf, byTopic, isUnknownTopic, offsetsAt, refusalOf } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { MissingTopics } from '../group/missing-topics.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import { describePartition } from '../partition/topic-partition.ts'
import { decodeRecords } from './record-decoder.ts'
import type { RecordSources } from './record-sources.ts'

/** More long polls than this at a time do not help. */
const mostRequests = 4
/**
 * The pause after an empty answer that came without a wait. It keeps the consumer from polling such a server without
 * end.
 */
const idlePauseMs = 20

interface FetcherParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly arrivals: Arrivals
  readonly sources: RecordSources<V, K>
  readonly missingTopics: MissingTopics
}

/**
 * Reads ahead: keeps the buffer of every partition filled with as few requests as possible. A partition is in one
 * request at a time. When its buffer runs low while another request waits for records, it gets its own request.
 */
export class Fetcher<V, K> {
  readonly #parts: FetcherParts<V, K>
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  #requests = 0

  constructor(parts: FetcherParts<V, K>) {
    this.#parts = parts
    this.#backoffMs = backoffOf({}, parts.settings.runtime)
  }

  stop(): void {
    this.#abort.abort(new Error('the consumer stopped reading'))
  }

  /** Sends a request for the partitions that want records and are in no request. */
  fetchAhead(): void {
    if (this.#requests >= mostRequests || this.#abort.signal.aborted) return
    const nowMs = this.#parts.settings.runtime.clock.monotonic()
    const wanting = this.#parts.owned.states.filter((partition) => this.#wantsRecords(partition, nowMs))
    if (wanting.length === 0) return
    this.#requests++
    for (const partition of wanting) partition.isFetching = true
    void this.#fetch(wanting).finally(() => {
      this.#requests--
      this.fetchAhead()
    })
  }

  /** The partition's buffer has room again. */
  madeRoom(partition: PartitionState<V, K>): void {
    if (!partition.isFetching && this.#hasRoom(partition)) this.fetchAhead()
  }

  #hasRoom({ bufferedBytes }: PartitionState<V, K>): boolean {
    return bufferedBytes < this.#parts.settings.maxPartitionFetchBytes / 2
  }

  #wantsRecords(partition: PartitionState<V, K>, nowMs: number): boolean {
    const { isFetching, isPaused, isHeld, isRevoking, position, error, retryAtMs } = partition
    if (isFetching || isPaused || isHeld || isRevoking) return false
    if (position === undefined || error || retryAtMs > nowMs) return false
    return this.#hasRoom(partition)
  }

  async #fetch(wanting: PartitionState<V, K>[]): Promise<void> {
    const { fetchMinBytes, fetchMaxWaitMs, fetchMaxBytes, maxPartitionFetchBytes, isolation } = this.#parts.settings
    const topics = byTopic(wanting, ({ partition, fetchOffset }) => ({
      partition,
      fetchOffset,
      partitionMaxBytes: maxPartitionFetchBytes,
    }))
    const request = {
      maxWaitMs: fetchMaxWaitMs,
      minBytes: fetchMinBytes,
      maxBytes: fetchMaxBytes,
      isolationLevel: isolation,
      topics,
    }
    const startedMs = this.#parts.settings.runtime.clock.monotonic()
    try {
      const response = await this.#parts.transport.send(fetch, request, { signal: this.#abort.signal })
      const answerOf = answersOf(response.topics)
      let brought = 0
      for (const partition of wanting) {
        const answer = answerOf(partition)
        // The partition may have been given up or moved meanwhile: then drop the answer.
        if (!answer || !this.#parts.owned.owns(partition)) continue
        brought += answer.records.length + Math.abs(answer.errorCode)
        // Most answers bring nothing where there are many partitions.
        const taking = this.#take(partition, answer)
        if (taking) await taking
      }
      const waitedMs = this.#parts.settings.runtime.clock.monotonic() - startedMs
      if (brought === 0 && waitedMs < Math.min(fetchMaxWaitMs, idlePauseMs)) this.#pause(wanting, idlePauseMs)
    } catch (error) {
      this.#failed(wanting, error)
    } finally {
      for (const partition of wanting) partition.isFetching = false
    }
    this.#parts.arrivals.wake()
  }

  #take(partition: PartitionState<V, K>, answer: FetchedPartition): Promise<void> | undefined {
    const refusal = refusalOf(partition, answer)
    if (refusal) return this.#refused(partition, refusal)
    partition.failures = 0
    partition.fetches++
    this.#parts.missingTopics.found(partition.topic)
    partition.highWatermark =
      this.#parts.settings.isolation === 'read_committed' ? answer.lastStableOffset : answer.highWatermark
    return answer.records.length === 0 ? undefined : this.#decode(partition, answer)
  }

  async #decode(partition: PartitionState<V, K>, answer: FetchedPartition): Promise<void> {
    try {
      const { batches, nextOffset } = await decodeRecords(
        answer,
        partition.fetchOffset,
        this.#parts.sources.of(partition),
      )
      // The partition may have been lost while its records were decoded, and nobody would ever take them.
      if (this.#parts.owned.owns(partition)) partition.fill(batches, answer.records.length, nextOffset)
    } catch (cause) {
      const detail =
        `${describePartition(partition)}: the records from offset ${partition.fetchOffset} on cannot be read: ` +
        `${(cause as Error).message}`
      partition.error = new KafkaError(detail, { code: 'CORRUPT_MESSAGE', kafkaName: 'CORRUPT_MESSAGE', cause })
    }
  }

  /** The partition answered with an error: begin elsewhere, retry later, or tell the reader. */
  async #refused(partition: PartitionState<V, K>, error: KafkaError): Promise<void> {
    partition.failures++
    if (isKafkaError(error, 'OFFSET_OUT_OF_RANGE')) await this.#beginElsewhere(partition)
    else if (isUnknownTopic(error)) {
      this.#pause([partition], this.#backoffMs(partition.failures, error))
      this.#parts.missingTopics.miss(partition.topic)
    } else if (error.retriable && !isKafkaError(error, 'CORRUPT_MESSAGE'))
      this.#pause([partition], this.#backoffMs(partition.failures, error))
    else partition.error = error
  }

  /** The log no longer has the position. */
  async #beginElsewhere(partition: PartitionState<V, K>): Promise<void> {
    const { transport, settings } = this.#parts
    const { offset: position, isolation: isolationLevel } = settings
    const { signal } = this.#abort
    const [start] = await offsetsAt(transport, { partitions: [partition], position, isolationLevel }, { signal })
    if (start && 'offset' in start) this.#goOnAt(partition, start.offset)
    else if (start && !start.error.retriable && !isUnknownTopic(start.error)) partition.error = start.error
    else this.#pause([partition], this.#backoffMs(partition.failures, start?.error))
  }

  /**
   * Buffered records still count if they lie before the offset. Otherwise the log is a different one, and its records
   * start over.
   */
  #goOnAt(partition: PartitionState<V, K>, offset: number): void {
    if (offset >= partition.fetchOffset) {
      partition.skipTo(offset)
      partition.isFoundAgain &&= this.#parts.settings.offset === 'earliest'
    } else if (this.#parts.owned.owns(partition)) this.#parts.owned.move(partition, offset)
  }

  #failed(partitions: readonly PartitionState<V, K>[], error: unknown): void {
    if (this.#abort.signal.aborted) return
    if (!KafkaError.is(error) || !error.retriable) {
      // An immediate retry would get the same answer, and no other task would ever run.
      this.stop()
      this.#parts.arrivals.fail(error)
      return
    }
    for (const partition of partitions) partition.failures++
    this.#pause(partitions, this.#backoffMs(Math.max(...partitions.map(({ failures }) => failures)), error))
  }

  #pause(partitions: readonly PartitionState<V, K>[], delayMs: number): void {
    const retryAtMs = this.#parts.settings.runtime.clock.monotonic() + delayMs
    for (const partition of partitions) partition.retryAtMs = retryAtMs
    const timer = this.#parts.settings.runtime.clock.schedule(delayMs, () => {
      this.#abort.signal.removeEventListener('abort', cancel)
      // A timer may fire slightly early by the clock. A partition that then still seemed to wait would wait for ever.
      for (const partition of partitions) if (partition.retryAtMs === retryAtMs) partition.retryAtMs = 0
      this.fetchAhead()
    })
    const cancel = (): void => timer.cancel()
    this.#abort.signal.addEventListener('abort', cancel, { once: true })
  }
}
