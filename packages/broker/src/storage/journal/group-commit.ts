import { type Clock, StorageError } from '@kafkado/core'
import type { JournalUnit } from './frame-operations.ts'

interface Waiting {
  readonly unit: JournalUnit
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Further units go to the next group, so that a frame can be read in one go. */
const groupBytes = 8 * 1024 * 1024

/**
 * Lets many waiting units share one write. One group is written at a time; units that arrive meanwhile wait for the
 * next one. Callers who get their answer mostly send their next unit at once, so there are two ways to go on:
 *
 * - If the disk takes longer than the event loop, the next group begins one turn after the answers of the last one. So
 *   it also has the next units of those callers, and they share one sync.
 * - If the event loop takes longer, the next group begins before the answers, and takes only half of the units. So one
 *   half is written while the event loop works on the other.
 *
 * The first failed write ends everything. Nobody knows the fate of its group; the groups behind it were never written.
 */
export class GroupCommit {
  readonly #write: (units: readonly JournalUnit[]) => Promise<void>
  readonly #clock: Clock
  readonly #onFailure: (error: StorageError) => void
  #waiting: Waiting[] = []
  #isBusy = false
  #failure: StorageError | undefined
  #onIdle: (() => void)[] = []
  /** How long the last write took. */
  #writeMs = 0
  /** The time of one unit, from the last turn of the event loop that followed answers. */
  #unitMs = 0

  /**
   * @param write makes units durable, and then applies them
   * @param onFailure called once, before any waiting caller learns of it
   */
  constructor(
    write: (units: readonly JournalUnit[]) => Promise<void>,
    clock: Clock,
    onFailure: (error: StorageError) => void,
  ) {
    this.#write = write
    this.#clock = clock
    this.#onFailure = onFailure
  }

  get failure(): StorageError | undefined {
    return this.#failure
  }

  add(unit: JournalUnit): Promise<void> {
    if (this.#failure) return Promise.reject(notWritten(this.#failure))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ unit, bytes: bytesOf(unit), resolve, reject })
      if (this.#isBusy) return
      this.#isBusy = true
      setImmediate(() => this.#begin())
    })
  }

  /** Resolves when nothing is being written or waiting. */
  idle(): Promise<void> {
    return this.#isBusy ? new Promise((resolve) => void this.#onIdle.push(resolve)) : Promise.resolve()
  }

  /** Refuses further writes. */
  fail(error: StorageError): void {
    if (this.#failure) return
    this.#failure = error
    this.#onFailure(error)
    for (const { reject } of this.#waiting.splice(0)) reject(notWritten(error))
  }

  /** @param answered how many units were written just now, and have no answers yet */
  #begin(answered = 0): void {
    const group = this.#nextGroup(answered)
    if (group.length === 0) {
      this.#isBusy = false
      for (const resolve of this.#onIdle.splice(0)) resolve()
      return
    }
    const startMs = this.#clock.monotonic()
    this.#write(group.map(({ unit }) => unit)).then(
      () => this.#written(group, startMs),
      (cause: unknown) => {
        this.fail(StorageError.is(cause) ? cause : unknownOutcome(cause))
        for (const { reject } of group) reject(this.#failure as StorageError)
        this.#begin()
      },
    )
  }

  #written(group: readonly Waiting[], startMs: number): void {
    const endMs = this.#clock.monotonic()
    this.#writeMs = endMs - startMs
    const isAhead = this.#isLoopSlower(this.#waiting.length + group.length)
    if (isAhead) this.#begin(group.length)
    for (const { resolve } of group) resolve()
    setImmediate(() => {
      this.#unitMs = (this.#clock.monotonic() - endMs) / group.length
      if (!isAhead) this.#begin()
    })
  }

  /** Whether the event loop takes longer for so many units than the disk takes for a write. */
  #isLoopSlower(units: number): boolean {
    return this.#unitMs * units > this.#writeMs
  }

  #nextGroup(answered: number): Waiting[] {
    const units = this.#waiting.length + answered
    const most = this.#isLoopSlower(units) ? Math.ceil(units / 2) : units
    let [bytes, count, removes] = [0, 0, false]
    for (const { unit, bytes: more } of this.#waiting) {
      if (count > 0 && bytes + more > groupBytes) break
      // Removals cost next to nothing, and share one write.
      if (count >= most && !('removal' in unit)) break
      // Later units must not count as removed.
      if (removes && !('removal' in unit)) break
      removes = 'removal' in unit
      bytes += more
      count++
    }
    return this.#waiting.splice(0, count)
  }
}

function bytesOf(unit: JournalUnit): number {
  if ('removal' in unit) return 0
  let sum = 0
  if ('moves' in unit) for (const { bytes } of unit.moves) sum += bytes.length
  else {
    for (const { bytes } of unit.changes.batches) sum += bytes.length
    for (const { bytes } of unit.changes.replacedBatches) sum += bytes?.length ?? 0
  }
  return sum
}

function unknownOutcome(cause: unknown): StorageError {
  return new StorageError(
    `the journal could not be written: ${String(cause)}; no more is written until a restart, ` +
      'what was acknowledged can be read',
    { cause, retriable: false, outcome: 'unknown' },
  )
}

function notWritten(failure: StorageError): StorageError {
  return new StorageError(`nothing is written any more: ${failure.message}`, {
    cause: failure,
    retriable: false,
    outcome: 'failed',
  })
}
