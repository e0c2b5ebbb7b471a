import { errorCodeOf, fetch, KafkaError, type FetchedPartition, type Runtime, type Transport } from '@kafkado/core'
import { backoffOf, errorOfCode, type RecordSource } from '@kafkado/core/internal'
import { answersOf, byTopic } from '../partition/by-topic.ts'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import { describePartition, type PartitionState } from '../partition/partition-state.ts'
import { decodeRecords } from './record-decoder.ts'
import { listStarts } from './start-position.ts'
import { isUnknownTopic } from '../partition/unknown-topic.ts'

/** More long polls at a time than this do not help. */
const mostRequests = 4
/** After an answer with nothing that nobody waited for, so that a server which does not wait is not asked without pause. */
const idlePauseMs = 20

export interface FetcherEvents<V, K> {
  sourceOf(partition: PartitionState<V, K>): RecordSource<V, K>
  /** Something may be given out. */
  onRecords(): void
  /** The topic is not there, or is another one by now. */
  onUnknownTopic(partition: PartitionState<V, K>): void
  /** The topic is there, and as it was. */
  onAnswered(partition: PartitionState<V, K>): void
  /** Reading cannot go on. */
  onFailure(error: unknown): void
}

/**
 * Reads ahead: keeps the buffer of every partition filled, with as few requests as possible. A partition is in one request at a time;
 * one whose buffer runs low while another request waits for records gets a request of its own.
 */
export class Fetcher<V, K> {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #owned: OwnedPartitions<V, K>
  readonly #events: FetcherEvents<V, K>
  readonly #runtime: Runtime
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  #requests = 0

  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    owned: OwnedPartitions<V, K>,
    events: FetcherEvents<V, K>,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#owned = owned
    this.#events = events
    this.#runtime = settings.runtime
    this.#backoffMs = backoffOf({}, settings.runtime)
  }

  stop(): void {
    this.#abort.abort(new Error('the consumer stopped reading'))
  }

  /** Sends a request for the partitions that want records and are in none. */
  fetchAhead(): void {
    if (this.#requests >= mostRequests || this.#abort.signal.aborted) return
    const nowMs = this.#runtime.clock.monotonic()
    const wanting = this.#owned.states.filter((partition) => this.#wantsRecords(partition, nowMs))
    if (wanting.length === 0) return
    this.#requests++
    for (const partition of wanting) partition.isFetching = true
    void this.#fetch(wanting).finally(() => {
      this.#requests--
      this.fetchAhead()
    })
  }

  #wantsRecords(partition: PartitionState<V, K>, nowMs: number): boolean {
    const { isFetching, isPaused, isHeld, isRevoking, position, error, retryAtMs, bufferedBytes } = partition
    if (isFetching || isPaused || isHeld || isRevoking) return false
    if (position === undefined || error || retryAtMs > nowMs) return false
    return bufferedBytes < this.#settings.maxPartitionFetchBytes / 2
  }

  async #fetch(wanting: PartitionState<V, K>[]): Promise<void> {
    const { fetchMinBytes, fetchMaxWaitMs, fetchMaxBytes, maxPartitionFetchBytes, isolation } = this.#settings
    const asked = new Map(wanting.map((partition) => [partition, partition.fetchOffset]))
    const topics = byTopic(wanting).map(({ topic, topicId, own }) => ({
      topic,
      topicId,
      partitions: own.map(({ partition, fetchOffset }) => ({
        partition,
        fetchOffset,
        partitionMaxBytes: maxPartitionFetchBytes,
      })),
    }))
    const request = {
      maxWaitMs: fetchMaxWaitMs,
      minBytes: fetchMinBytes,
      maxBytes: fetchMaxBytes,
      isolationLevel: isolation,
      topics,
    }
    const startedMs = this.#runtime.clock.monotonic()
    try {
      const response = await this.#transport.send(fetch, request, { signal: this.#abort.signal })
      const answerOf = answersOf(response.topics)
      let brought = 0
      for (const [partition, fetchOffset] of asked) {
        const answer = answerOf(partition)
        // Meanwhile the partition may have been given up, or its position moved: then the answer is for nobody.
        if (!answer || !this.#owned.owns(partition) || partition.fetchOffset !== fetchOffset) continue
        brought += answer.records.length + Math.abs(answer.errorCode)
        await this.#take(partition, answer)
      }
      const waitedMs = this.#runtime.clock.monotonic() - startedMs
      if (brought === 0 && waitedMs < Math.min(fetchMaxWaitMs, idlePauseMs)) this.#pause(wanting, idlePauseMs)
    } catch (error) {
      this.#failed(wanting, error)
    } finally {
      for (const partition of wanting) partition.isFetching = false
    }
    this.#events.onRecords()
  }

  async #take(partition: PartitionState<V, K>, answer: FetchedPartition): Promise<void> {
    if (answer.errorCode !== 0) {
      await this.#refused(partition, answer)
      return
    }
    partition.failures = 0
    partition.fetches++
    this.#events.onAnswered(partition)
    partition.highWatermark =
      this.#settings.isolation === 'read_committed' ? answer.lastStableOffset : answer.highWatermark
    if (answer.records.length === 0) return
    try {
      const { records, nextOffset } = await decodeRecords(
        answer,
        partition.fetchOffset,
        this.#events.sourceOf(partition),
      )
      // While it was unpacked the partition may have gone, and nobody would take out of it what it holds.
      if (this.#owned.owns(partition)) partition.fill(records, answer.records.length, nextOffset)
    } catch (cause) {
      const detail = `${describePartition(partition)}: the records from offset ${partition.fetchOffset} on cannot be read: ${(cause as Error).message}`
      partition.error = new KafkaError(detail, { code: 'CORRUPT_MESSAGE', kafkaCode: 2, cause })
    }
  }

  /** The partition answered with an error: begin elsewhere, try again later, or tell the reader. */
  async #refused(partition: PartitionState<V, K>, { errorCode, errorMessage }: FetchedPartition): Promise<void> {
    const { name, retriable } = errorCodeOf(errorCode)
    const error = errorOfCode(errorCode, {
      topic: partition.topic,
      partition: partition.partition,
      detail: errorMessage,
    })
    partition.failures++
    if (name === 'OFFSET_OUT_OF_RANGE') await this.#beginElsewhere(partition)
    else if (isUnknownTopic(error)) {
      this.#pause([partition], this.#backoffMs(partition.failures, error))
      this.#events.onUnknownTopic(partition)
    } else if (retriable && name !== 'CORRUPT_MESSAGE')
      this.#pause([partition], this.#backoffMs(partition.failures, error))
    else partition.error = error
  }

  /** The position was deleted from the log. */
  async #beginElsewhere(partition: PartitionState<V, K>): Promise<void> {
    const { offset } = this.#settings
    const [start] = await listStarts(this.#transport, this.#settings, offset, [partition], this.#abort.signal)
    if (start && 'offset' in start) this.#goOnAt(partition, start.offset as number)
    else if (start && !start.error.retriable && !isUnknownTopic(start.error)) partition.error = start.error
    else this.#pause([partition], this.#backoffMs(partition.failures, start?.error))
  }

  /** What waits to be given out still counts when it lies before; otherwise the log is another one, and its records begin anew. */
  #goOnAt(partition: PartitionState<V, K>, offset: number): void {
    if (offset >= partition.fetchOffset) {
      partition.skipTo(offset)
      partition.isFoundAgain &&= this.#settings.offset === 'earliest'
    } else if (this.#owned.owns(partition)) this.#owned.move(partition, offset)
  }

  #failed(partitions: readonly PartitionState<V, K>[], error: unknown): void {
    if (this.#abort.signal.aborted) return
    if (!KafkaError.is(error) || !error.retriable) {
      // Asking again at once would get the same answer, without ever giving anybody else a turn.
      this.stop()
      this.#events.onFailure(error)
      return
    }
    for (const partition of partitions) partition.failures++
    this.#pause(partitions, this.#backoffMs(Math.max(...partitions.map(({ failures }) => failures)), error))
  }

  #pause(partitions: readonly PartitionState<V, K>[], delayMs: number): void {
    const retryAtMs = this.#runtime.clock.monotonic() + delayMs
    for (const partition of partitions) partition.retryAtMs = retryAtMs
    const timer = this.#runtime.clock.schedule(delayMs, () => {
      this.#abort.signal.removeEventListener('abort', cancel)
      // A timer may fire a little before its time by the clock; a partition that still seemed to wait then would wait for ever.
      for (const partition of partitions) if (partition.retryAtMs === retryAtMs) partition.retryAtMs = 0
      this.fetchAhead()
    })
    const cancel = (): void => timer.cancel()
    this.#abort.signal.addEventListener('abort', cancel, { once: true })
  }
}
