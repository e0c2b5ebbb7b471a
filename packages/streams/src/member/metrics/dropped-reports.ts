import type { DropReason } from '../../processors/processor.ts'
import type { Meter } from './meter.ts'

type Counts = ReadonlyMap<DropReason, number>

/** Reports how many records were dropped since the last report. */
export class DroppedReports {
  readonly #meter: Meter
  /** What was reported of each of the counts. */
  readonly #told = new WeakMap<Counts, Map<DropReason, number>>()

  constructor(meter: Meter) {
    this.#meter = meter
  }

  publish(task: string, dropped: Counts): void {
    if (!this.#meter.isWanted('dropped')) return
    const told = this.#told.get(dropped) ?? new Map<DropReason, number>()
    this.#told.set(dropped, told)
    for (const [reason, total] of dropped) {
      const records = total - (told.get(reason) ?? 0)
      if (records > 0) this.#meter.publish('dropped', { task, reason, records, total })
      told.set(reason, total)
    }
  }
}
