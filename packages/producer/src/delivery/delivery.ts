import type { UnawaitedSends } from './unawaited-sends.ts'
import type { RecordMetadata } from '@kafkado/core'

/**
 * Waits for the delivery of records. Each has a place, which the waiter gave it: an object a record would cost more
 * than writing the record.
 */
export interface Waiter {
  delivered(place: number, metadata: RecordMetadata): void
  failed(place: number, error: unknown): void
}

/** The promise of a send. */
export class Delivery<T> {
  readonly promise: Promise<T>
  resolve!: (delivered: T) => void
  readonly #sends: UnawaitedSends
  readonly #number: number
  #reject!: (error: unknown) => void

  constructor(sends: UnawaitedSends) {
    this.#sends = sends
    this.#number = sends.next()
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.#reject = reject
    })
  }

  reject(error: unknown): void {
    this.#sends.failing(this.promise, this.#number)
    this.#reject(error)
  }
}

/** The promise of one record. */
export class RecordDelivery extends Delivery<RecordMetadata> implements Waiter {
  delivered(_place: number, metadata: RecordMetadata): void {
    this.resolve(metadata)
  }

  failed(_place: number, error: unknown): void {
    this.reject(error)
  }
}
