import type { EventOf } from '../history/history-event.ts'
import type { FinalRecord } from '../history/log-events.ts'
import type { Isolation } from '../history/record-events.ts'
import type { Log } from './topics.ts'

export interface FinalPlace {
  readonly log: Log
  readonly record: FinalRecord
  readonly event: EventOf<'final-log'>
}

/** Whether readers of that isolation are to be given the record. */
export function isReadable({ transaction }: FinalRecord, isolation: Isolation): boolean {
  return isolation === 'read_uncommitted' || transaction === 'none' || transaction === 'committed'
}

/** What lies in the logs in the end. */
export class FinalLogs {
  readonly byLog = new Map<Log, EventOf<'final-log'>>()
  readonly #byValue = new Map<string, FinalPlace[]>()
  readonly #byOffset = new Map<Log, Map<number, FinalRecord>>()
  readonly #readable = new Map<string, readonly number[]>()
  readonly #lastOfKeys = new Map<Log, Map<string, number>>()

  note(event: EventOf<'final-log'>): void {
    const log = `${event.topicId}/${event.partition}`
    this.byLog.set(log, event)
    const byOffset = new Map<number, FinalRecord>()
    this.#byOffset.set(log, byOffset)
    for (const record of event.records) {
      byOffset.set(record.offset, record)
      const place: FinalPlace = { log, record, event }
      const places = this.#byValue.get(record.value)
      if (places) places.push(place)
      else this.#byValue.set(record.value, [place])
    }
  }

  /** Where a value lies. */
  placesOf(value: string): readonly FinalPlace[] {
    return this.#byValue.get(value) ?? []
  }

  recordAt(log: Log, offset: number): FinalRecord | undefined {
    return this.#byOffset.get(log)?.get(offset)
  }

  /** The offsets that readers of that isolation are to be given, ascending. */
  readableOffsets(log: Log, isolation: Isolation): readonly number[] {
    const key = `${isolation} ${log}`
    let offsets = this.#readable.get(key)
    if (!offsets) {
      const records = this.byLog.get(log)?.records ?? []
      offsets = records.filter((record) => isReadable(record, isolation)).map(({ offset }) => offset)
      this.#readable.set(key, offsets)
    }
    return offsets
  }

  /** Where the last readable record with the key lies; −1: there is none. */
  lastOffsetOf(log: Log, key: string): number {
    let last = this.#lastOfKeys.get(log)
    if (!last) {
      last = new Map()
      this.#lastOfKeys.set(log, last)
      for (const record of this.byLog.get(log)?.records ?? [])
        if (record.key !== undefined && isReadable(record, 'read_committed')) last.set(record.key, record.offset)
    }
    return last.get(key) ?? -1
  }
}

/** The first of ascending offsets that lies after the given one; undefined: none does. */
export function firstAfter(offsets: readonly number[], offset: number): number | undefined {
  let [low, high] = [0, offsets.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((offsets[middle] as number) <= offset) low = middle + 1
    else high = middle
  }
  return offsets[low]
}
