import type { Clock } from '@kafkado/core'
import type { Task } from '../../task/task.ts'
import type { Meter } from './meter.ts'

/** The records that a member's tasks have processed in a turn, and the time each task took. */
export class TurnTimes {
  readonly #clock: Clock
  readonly #times = new Map<Task, { records: number; durationMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param process lets the task process records, and returns how many */
  measure(task: Task, process: () => number): number {
    const startMs = this.#clock.monotonic()
    const records = process()
    const time = this.#times.get(task) ?? { records: 0, durationMs: 0 }
    time.records += records
    time.durationMs += this.#clock.monotonic() - startMs
    this.#times.set(task, time)
    return records
  }

  publish(meter: Meter): void {
    const now = this.#clock.now()
    for (const [task, { records, durationMs }] of this.#times) {
      if (records === 0) continue
      const timestamp = task.record?.timestamp
      const latencyMs = timestamp === undefined || timestamp < 0 ? undefined : now - timestamp
      meter.publish('processed', { task: task.id, records, durationMs, latencyMs })
    }
  }
}
