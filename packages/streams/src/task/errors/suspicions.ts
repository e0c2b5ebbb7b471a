import { isOfRecord } from '@kafkado/producer/internal'
import { causesOf } from '../../errors/causes.ts'

/** What has ended a session, and is to be met otherwise in the next one. */
export class Suspicions {
  readonly #states = new Map<string, ReadonlyMap<string, number>>()
  #areRefused = false

  /**
   * Whether results were refused in a way that has cost a transaction: so that it costs no other one, only one request
   * at a time is sent to a partition.
   */
  get areRefused(): boolean {
    return this.#areRefused
  }

  /** Takes note of why a session has ended. */
  onEnded(error: unknown): void {
    for (const one of causesOf(error)) if (isOfRecord(one)) this.#areRefused = true
  }

  /**
   * One of the records before these positions, by topic, leaves state that cannot be written, and nobody can tell which
   * until it is processed again: it is tried at once then.
   */
  suspectState(task: string, positions: ReadonlyMap<string, number>): void {
    this.#states.set(task, positions)
  }

  /** Up to where the state of a task has to be tried at once. */
  suspectedState(task: string): ReadonlyMap<string, number> | undefined {
    return this.#states.get(task)
  }

  clearState(task: string): void {
    this.#states.delete(task)
  }
}
