import type { KafkaRecord } from '@kafkado/core'
import type { partitionKey } from '@kafkado/core/internal'
import type { PartitionState } from '../partition/partition-state.ts'
import type { RecordWorker } from '../partition/work-in-hand.ts'
import type { ConsumerSession } from '../session/consumer-session.ts'
import type { DispatchSettings, ParallelOptions, ParallelOrdering } from './parallel.ts'

/** How many records per handler to take ahead, so that busy keys do not hold up the others. */
const lookAheadPerHandler = 32

/** Records that must run one after the other. */
interface Lane<V, K> {
  readonly key: unknown
  readonly waiting: KafkaRecord<V, K>[]
}

type Handler<V, K> = (record: KafkaRecord<V, K>) => unknown

interface DispatcherParts<V, K> {
  readonly session: ConsumerSession<V, K>
  readonly settings: DispatchSettings<V, K>
  readonly handle: Handler<V, K>
  readonly partitionKey: typeof partitionKey
}

const decoder = new TextDecoder('latin1')

/**
 * Runs a handler for many records at a time, each after the ones that it has to wait for. A record is finished when its
 * handler has resolved, so commits stop at the lowest unfinished one. It waits for the running records of partitions
 * that are given up, and hands back the others.
 */
export class ParallelDispatcher<V, K> implements RecordWorker<V, K> {
  readonly #session: ConsumerSession<V, K>
  readonly #concurrency: number
  readonly #ordering: ParallelOrdering
  readonly #onFailure: ParallelOptions<V, K>['onFailure']
  readonly #handle: Handler<V, K>
  readonly #partitionKey: typeof partitionKey
  readonly #ending = new AbortController()
  readonly #lanes = new Map<unknown, Lane<V, K>>()
  /** Lanes whose first record may begin, in order. */
  #ready: Lane<V, K>[] = []
  #waiting = 0
  #running = 0
  #failure: { readonly error: unknown } | undefined
  #onChange: (() => void) | undefined
  #isDone!: () => void
  readonly #done: Promise<void>

  constructor({ session, settings, handle, partitionKey: keyOf }: DispatcherParts<V, K>) {
    const { concurrency, ordering, onFailure } = settings
    this.#session = session
    this.#concurrency = concurrency
    this.#ordering = ordering
    this.#onFailure = onFailure
    this.#handle = handle
    this.#partitionKey = keyOf
    this.#done = new Promise((resolve) => {
      this.#isDone = resolve
    })
  }

  /** Runs until the session ends or the signal aborts. Rejects with a handler's error if one fails. */
  async run(signal: AbortSignal | undefined): Promise<void> {
    const end = (): void => this.#ending.abort()
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted) end()
    this.#session.work.add(this)
    try {
      await this.#read()
    } catch (error) {
      this.#failure ??= { error }
    } finally {
      signal?.removeEventListener('abort', end)
      this.#handBack(() => true)
      while (this.#running > 0) await this.#change()
      this.#session.work.remove(this)
      this.#isDone()
    }
    if (this.#failure) throw this.#failure.error
  }

  onRevoking(states: readonly PartitionState<V, K>[]): void {
    const given = new Set(states.map(this.#partitionKey))
    this.#handBack((record) => given.has(this.#partitionKey(record)))
  }

  drain(): Promise<void> {
    this.#ending.abort()
    this.#changed()
    return this.#done
  }

  async #read(): Promise<void> {
    const { signal } = this.#ending
    const mostWaiting = this.#concurrency * lookAheadPerHandler
    while (!signal.aborted && !this.#failure) {
      if (this.#waiting >= mostWaiting) {
        await this.#change()
        continue
      }
      const record = this.#session.feed.poll() ?? (await this.#session.feed.next(signal))
      if (!record) return
      this.#enqueue(record)
      this.#begin()
    }
  }

  #enqueue(record: KafkaRecord<V, K>): void {
    const key = this.#laneKeyOf(record)
    const known = this.#lanes.get(key)
    this.#waiting++
    if (known) {
      known.waiting.push(record)
      return
    }
    const lane = { key, waiting: [record] }
    this.#lanes.set(key, lane)
    this.#ready.push(lane)
  }

  #laneKeyOf(record: KafkaRecord<V, K>): unknown {
    const { rawKey } = record
    if (this.#ordering === 'unordered' || (this.#ordering === 'key' && rawKey === null)) return record
    return this.#ordering === 'partition'
      ? this.#partitionKey(record)
      : `${this.#partitionKey(record)}/${decoder.decode(rawKey as Uint8Array)}`
  }

  #begin(): void {
    while (this.#running < this.#concurrency && !this.#ending.signal.aborted) {
      const lane = this.#ready.shift()
      const record = lane?.waiting.shift()
      if (!lane || !record) return
      this.#waiting--
      if (this.#session.work.mayBegin(record)) void this.#work(lane, record)
      else {
        this.#session.work.release(record)
        this.#continue(lane)
      }
    }
  }

  async #work(lane: Lane<V, K>, record: KafkaRecord<V, K>): Promise<void> {
    this.#running++
    try {
      await this.#attempt(record)
      this.#session.work.finish(record)
    } catch (error) {
      this.#failure ??= { error }
      this.#session.work.release(record)
      this.#ending.abort()
    }
    this.#running--
    this.#continue(lane)
    this.#begin()
    this.#changed()
  }

  async #attempt(record: KafkaRecord<V, K>): Promise<void> {
    try {
      await this.#handle(record)
    } catch (error) {
      if (!this.#onFailure) throw error
      await this.#onFailure(record, error)
    }
  }

  /** The next record of the lane may begin. */
  #continue(lane: Lane<V, K>): void {
    if (lane.waiting.length > 0) this.#ready.push(lane)
    else this.#lanes.delete(lane.key)
  }

  #handBack(isGiven: (record: KafkaRecord<V, K>) => boolean): void {
    for (const lane of this.#lanes.values()) {
      for (const record of lane.waiting) if (isGiven(record)) this.#session.work.release(record)
      const kept = lane.waiting.filter((record) => !isGiven(record))
      this.#waiting -= lane.waiting.length - kept.length
      lane.waiting.splice(0, lane.waiting.length, ...kept)
    }
    // The lane's running record deletes an empty lane; without one, it is deleted here.
    const isEmpty = this.#ready.filter(({ waiting }) => waiting.length === 0)
    this.#ready = this.#ready.filter(({ waiting }) => waiting.length > 0)
    for (const { key } of isEmpty) this.#lanes.delete(key)
    this.#changed()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve
    })
  }

  #changed(): void {
    this.#onChange?.()
    this.#onChange = undefined
  }
}
