import { StorageError } from '@kafkado/core'
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
 * Lets many waiting units share one write. One group is written at a time. Units that arrive meanwhile form the next
 * group, which begins before the callers of the last one continue. When nothing is being written, the units of one turn
 * of the event loop form a group.
 *
 * The first failed write ends everything. Nobody knows the fate of its group; the groups behind it were never written.
 */
export class GroupCommit {
  readonly #write: (units: readonly JournalUnit[]) => Promise<void>
  readonly #onFailure: (error: StorageError) => void
  #waiting: Waiting[] = []
  #isBusy = false
  #failure: StorageError | undefined
  #onIdle: (() => void)[] = []

  /**
   * @param write makes units durable, and then applies them
   * @param onFailure called once, before any waiting caller learns of it
   */
  constructor(write: (units: readonly JournalUnit[]) => Promise<void>, onFailure: (error: StorageError) => void) {
    this.#write = write
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

  #begin(): void {
    const group = this.#nextGroup()
    if (group.length === 0) {
      this.#isBusy = false
      for (const resolve of this.#onIdle.splice(0)) resolve()
      return
    }
    this.#write(group.map(({ unit }) => unit)).then(
      () => {
        this.#begin()
        for (const { resolve } of group) resolve()
      },
      (cause: unknown) => {
        this.fail(StorageError.is(cause) ? cause : unknownOutcome(cause))
        for (const { reject } of group) reject(this.#failure as StorageError)
        this.#begin()
      },
    )
  }

  #nextGroup(): Waiting[] {
    let [bytes, count, removes] = [0, 0, false]
    for (const { unit, bytes: more } of this.#waiting) {
      if (count > 0 && bytes + more > groupBytes) break
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
