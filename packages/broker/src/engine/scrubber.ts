import { isKafkaError, type Runtime, type Timer } from '@kafkado/core'
import { LogScan, sliceBytes } from '../log/log-scan.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { EngineSettings } from '../settings/engine-options.ts'
import type { Storage } from '../storage/storage.ts'
import type { TopicRegistry } from '../topic/topic-registry.ts'

/** The pause after the start: a process that opens a folder has other things to do first. */
const firstPauseMs = 60_000
/** A round begins this long after the last one began, if that is over: disks lose bits over months. */
const roundMs = 86_400_000
/** The bytes for each step are read at once, slice by slice. */
const stepMs = 1000

interface Parts {
  readonly settings: EngineSettings
  readonly runtime: Runtime
  readonly storage: Storage
  readonly topics: TopicRegistry
  readonly isStopped: boolean
  stop(cause: unknown): Error
}

/**
 * Compares all batches with their checksums in the background, again and again, so that damage is known before somebody
 * needs the data: reads for clients verify nothing. It reports damage to the log, which emits the event.
 *
 * Each round begins with a random log, so that a process that restarts often gets to all of them too.
 */
export class Scrubber {
  readonly #engine: Parts
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #round: AsyncGenerator<number> | undefined
  #roundDueMs = 0
  /** How many bytes may be read now; negative after a longer batch. */
  #creditBytes = 0
  #isClosed = false

  constructor(engine: Parts) {
    this.#engine = engine
  }

  start(): void {
    const { settings, storage } = this.#engine
    if (settings.scrubBytesPerSecond > 0 && storage.kind !== 'memory') this.#schedule(firstPauseMs)
  }

  /** Waits for the current slice. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#running
  }

  #schedule(delayMs: number): void {
    if (!this.#isOver) this.#timer = this.#engine.runtime.clock.schedule(delayMs, () => this.#wake(), 'background')
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#engine.isStopped
  }

  #wake(): void {
    this.#running = this.#step()
      .then((pauseMs) => this.#schedule(pauseMs))
      // Nobody waits for it, so the next request reports the error.
      .catch((error: unknown) => void this.#engine.stop(error))
  }

  /** @returns the wait until the next step */
  async #step(): Promise<number> {
    const { clock } = this.#engine.runtime
    const { scrubBytesPerSecond } = this.#engine.settings
    if (!this.#round) {
      this.#round = this.#all()
      this.#roundDueMs = clock.monotonic() + roundMs
    }
    this.#creditBytes = Math.min(this.#creditBytes + scrubBytesPerSecond, scrubBytesPerSecond)
    while (this.#creditBytes > 0) {
      const { value, done = false } = (await this.#round.next()) as IteratorResult<number, undefined>
      if (done) {
        this.#round = undefined
        return Math.max(this.#roundDueMs - clock.monotonic(), stepMs)
      }
      this.#creditBytes -= value ?? 0
    }
    return stepMs
  }

  /** Visits all logs; yields the size of each slice in bytes. */
  async *#all(): AsyncGenerator<number> {
    const { topics, runtime } = this.#engine
    const logs = topics.all().flatMap(({ partitions }) => partitions)
    const first = Math.floor(runtime.random.next() * logs.length)
    for (let index = 0; index < logs.length && !this.#isOver; index++)
      yield* this.#scrub(logs[(first + index) % logs.length] as PartitionLog)
  }

  async *#scrub(log: PartitionLog): AsyncGenerator<number> {
    const { topics } = this.#engine
    const scan = new LogScan(log.reads, () => this.#isOver || topics.logOf(log.logId) !== log)
    const untilOffset = log.highWatermark
    for (let offset = log.logStartOffset; offset < untilOffset && !scan.isOver;) {
      try {
        for await (const slice of scan.slices(offset, untilOffset)) {
          offset = (slice.at(-1)?.header.lastOffset ?? offset) + 1
          yield slice.reduce((sum, { batch }) => sum + batch.length, 0)
        }
        return
      } catch (error) {
        if (scan.isOver) return
        // An unreadable place affects only the requests that need it.
        if (!isKafkaError(error, 'CORRUPT_MESSAGE')) log.reads.noteUnreadable(offset, error)
        // Continues behind the damage. If it is unknown, its records were deleted meanwhile.
        offset = Math.max(log.reads.damageAt(Math.max(offset, log.logStartOffset))?.endOffset ?? 0, offset + 1)
        // A failed read counts as a slice: many unreadable places in a row take time too.
        yield sliceBytes
      }
    }
  }
}
