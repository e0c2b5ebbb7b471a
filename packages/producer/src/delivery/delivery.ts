import type { RecordMetadata } from '@kafkado/core'
import type { UnawaitedSends } from './unawaited-sends.ts'

/** Waits for the delivery of a record. */
export interface Waiter {
  /** The record's timestamp, known once it is in a batch. */
  timestamp: number
  resolve(metadata: RecordMetadata): void
  reject(error: unknown): void
}

/** The promise of a send. */
export class Delivery<T> {
  readonly promise: Promise<T>
  timestamp = 0
  resolve!: (delivered: T) => void
  readonly #sends: UnawaitedSends
  readonly #place: number
  #reject!: (error: unknown) => void

  constructor(sends: UnawaitedSends) {
    this.#sends = sends
    this.#place = sends.next()
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.#reject = reject
    })
  }

  reject(error: unknown): void {
    this.#sends.failing(this.promise, this.#place)
    this.#reject(error)
  }
}
