import { type Runtime, TimeoutError, type Timer } from '@kafkado/core'
import type { Waiter } from '../delivery/delivery.ts'
import { estimatedBytes, ownCopy, type PreparedRecord } from '../record/prepared-record.ts'

/** A record, and who waits for it. */
export interface SentRecord {
  readonly prepared: PreparedRecord
  readonly waiter: Waiter
  /** Its place with the waiter. */
  readonly place: number
}

/** A record that waits for its partition. */
export interface WaitingRecord extends SentRecord {
  /** When it was sent, by the monotonic clock. Its time limit counts from then. */
  readonly sentMs: number
  /** Number of look-ups begun by then. A later look-up knows every partition that existed when it was sent. */
  readonly lookUpsBefore: number
  /** Its share of the producer's buffer, in bytes. */
  readonly sizeInBytes: number
  /** Called when it stops waiting. */
  readonly onLeft: (() => void)[]
}

export interface WaitingEvents {
  /** A record stopped waiting, for whatever reason. */
  onLeft(sizeInBytes: number): void
  /** A record was given up. */
  onFailed(error: unknown): void
}

/** Records that wait for metadata, in the order of the sends, each until its own time limit. */
export class WaitingRecords {
  readonly #topic: string
  readonly #runtime: Runtime
  readonly #timeLimitMs: number
  readonly #events: WaitingEvents
  /** The latest reason why the metadata is still missing. */
  lastProblem: Error | undefined
  #records: WaitingRecord[] = []
  #timer: Timer | undefined

  constructor(
    topic: string,
    settings: { readonly runtime: Runtime; readonly deliveryTimeoutMs: number },
    events: WaitingEvents,
  ) {
    this.#topic = topic
    this.#runtime = settings.runtime
    this.#timeLimitMs = settings.deliveryTimeoutMs
    this.#events = events
  }

  get size(): number {
    return this.#records.length
  }

  /** @returns its share of the buffer, in bytes */
  add(record: SentRecord, sentMs: number, lookUpsBefore: number): number {
    const sizeInBytes = estimatedBytes(record.prepared.content)
    const prepared = ownCopy(record.prepared)
    this.#records.push({ ...record, prepared, sentMs, lookUpsBefore, sizeInBytes, onLeft: [] })
    this.#timer ??= this.#plan()
    return sizeInBytes
  }

  /** Removes, in order, the records that `take` accepts. An error that `take` throws fails that record. */
  route(take: (record: WaitingRecord) => boolean): void {
    const kept: WaitingRecord[] = []
    const left: WaitingRecord[] = []
    for (const record of this.#records) {
      try {
        if (!take(record)) {
          kept.push(record)
          continue
        }
      } catch (error) {
        this.#events.onFailed(error)
        record.waiter.failed(record.place, error)
      }
      left.push(record)
    }
    this.#records = kept
    if (left.length === 0) return
    this.#timer?.cancel()
    this.#timer = this.#plan()
    for (const { sizeInBytes, onLeft } of left) {
      this.#events.onLeft(sizeInBytes)
      for (const resolve of onLeft) resolve()
    }
  }

  fail(error: unknown): void {
    this.route(() => {
      throw error
    })
  }

  /** Resolves when none of the current records waits any longer. */
  async left(): Promise<void> {
    await Promise.all(this.#records.map(({ onLeft }) => new Promise<void>((resolve) => onLeft.push(resolve))))
  }

  /** All records have the same time limit, so the first one expires first. */
  #plan(): Timer | undefined {
    const [first] = this.#records
    if (!first) return undefined
    const { clock } = this.#runtime
    return clock.schedule(first.sentMs + this.#timeLimitMs - clock.monotonic(), () => this.#expire())
  }

  #expire(): void {
    const nowMs = this.#runtime.clock.monotonic()
    this.#timer = undefined
    const because = this.lastProblem ? `: ${this.lastProblem.message}` : ''
    this.route(({ sentMs }) => {
      if (sentMs + this.#timeLimitMs > nowMs) return false
      throw new TimeoutError(
        `topic '${this.#topic}': the record was not sent within ${this.#timeLimitMs} ms (deliveryTimeout), ` +
          `as its partition was not known${because}`,
        { outcome: 'failed', cause: this.lastProblem },
      )
    })
    this.#timer ??= this.#plan()
  }
}
