import { isOfRecord } from '@kafkado/producer/internal'
import { causesOf } from '../../errors/causes.ts'

/** Remembers what ended a session, so that the next one can prevent it. */
export class Suspicions {
  readonly #states = new Map<string, ReadonlyMap<string, number>>()
  #areRefused = false

  /**
   * Whether refused results have cost a transaction. From then on, only one request at a time goes to a partition, so
   * that they cost no other.
   */
  get areRefused(): boolean {
    return this.#areRefused
  }

  /** Notes why a session has ended. */
  onEnded(error: unknown): void {
    for (const one of causesOf(error)) if (isOfRecord(one)) this.#areRefused = true
  }

  /**
   * One of the records before these positions, by topic, leaves state that cannot be written. To find it, the next
   * session tests state with each record.
   */
  suspectState(task: string, positions: ReadonlyMap<string, number>): void {
    this.#states.set(task, positions)
  }

  /** Up to which positions the state of a task must be tested at once. */
  suspectedState(task: string): ReadonlyMap<string, number> | undefined {
    return this.#states.get(task)
  }

  clearState(task: string): void {
    this.#states.delete(task)
  }
}
