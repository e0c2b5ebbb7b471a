import { given } from '../state/held-values.ts'
import type { WindowEntry } from '../state/window-entry.ts'
import type { WindowStore } from '../state/window-store.ts'
import type { SlidingWindow } from '../windows/windows.ts'
import { type Aggregation, added, type Adder } from './aggregation.ts'
import { ClosedWindows } from './emit-closed.ts'
import type { BuildProcessor, NodeContext } from './processor.ts'
import { tellingWindows, type TellWindow } from './telling.ts'

/**
 * Aggregates by key and sliding window. Both ends belong to the window. Each record has a window that ends with it, and
 * one that begins just after it if that window has any record. So a new window begins with the aggregate of an old one
 * with exactly the same records, or with none.
 */
export function slidingWindowAggregateProcessor(
  store: string,
  window: SlidingWindow,
  aggregation: Aggregation,
): BuildProcessor {
  return (context, forward, late, name) => {
    const windows: WindowStore = context.windowStore(store)
    const isFinal = window.emit === 'final'
    const closed = isFinal
      ? new ClosedWindows(context, windows, forward, (time) => time - window.graceMs - 1)
      : undefined
    const tell = isFinal ? undefined : tellingWindows(context, store, name, forward)
    let observed = -1
    return aggregation.adders.map((add) => {
      const slide = new Slide(context, windows, window, { ...aggregation, operator: name }, add, tell)
      return (key, value, timestamp) => {
        if (key === null || value === null) {
          context.drop(key === null ? 'null-key' : 'null-value')
          return
        }
        closed?.begin()
        observed = Math.max(observed, windows.observedTime, timestamp)
        const closedTime = observed - window.graceMs
        if (timestamp + 1 + window.differenceMs <= closedTime) {
          context.drop('late')
          late(key, value, timestamp)
        } else slide.process(key, value, timestamp, closedTime)
        windows.advance(observed)
        closed?.emit(observed)
        // A record that is just in time looks at the windows that begin up to two differences before it.
        windows.forget(observed - 2 * window.differenceMs - window.retentionMs - 1)
      }
    })
  }
}

type Row = Pick<WindowEntry, 'holding' | 'timestamp'>

/** A record, and what was found of its key before it changes anything. */
interface Slid {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly closedTime: number
  /** By their starts. */
  readonly known: ReadonlyMap<number, WindowEntry>
  /** Of the window that ends with the record. */
  readonly ownStart: number
  /** The time of the record before it, or -1. */
  readonly previous: number
  /** The window that reaches furthest beyond the record. */
  readonly after: Row | undefined
}

class Slide {
  readonly #context: NodeContext
  readonly #windows: WindowStore
  readonly #window: SlidingWindow
  readonly #aggregation: Aggregation
  readonly #add: Adder
  /** Undefined if windows are forwarded when they close. */
  readonly #tell: TellWindow | undefined

  constructor(
    context: NodeContext,
    windows: WindowStore,
    window: SlidingWindow,
    aggregation: Aggregation,
    add: Adder,
    tell: TellWindow | undefined,
  ) {
    this.#context = context
    this.#windows = windows
    this.#window = window
    this.#aggregation = aggregation
    this.#add = add
    this.#tell = tell
  }

  process(key: unknown, value: unknown, timestamp: number, closedTime: number): void {
    const { differenceMs } = this.#window
    const near = this.#windows.fetch(key, Math.max(0, timestamp - 2 * differenceMs), timestamp + 1)
    const known = new Map(near.map((entry) => [entry.start, entry]))
    const containing = near.filter(({ start, end }) => start <= timestamp && end >= timestamp)
    // Taken before any change: of the window that reaches furthest beyond the record, and of the last one that ends
    // before it.
    const after = snapshot(containing.at(-1))
    const before = snapshot(near.findLast(({ end }) => end < timestamp))
    // The windows of the first moments are the same one, because none begins before 0.
    const ownStart = Math.max(0, timestamp - differenceMs)
    // As in Kafka Streams, a record is known by the window that ends with it. One whose own window was closed already
    // counts in later windows, and none begins after it.
    const latestOfOwn = known.get(ownStart)?.timestamp ?? -1
    const previous = before?.timestamp ?? latestOfOwn

    const slid = { key, value, timestamp, closedTime, known, ownStart, previous, after }
    // Kafka Streams' order, which shows where `suppress` forwards when it is full, and in operators that remember.
    if (timestamp < differenceMs) {
      for (const entry of containing) if (entry.start > 0) this.#put(slid, entry.start, entry)
      this.#openBehind(slid)
      this.#openBehindPrevious(slid)
      this.#put(slid, ownStart, known.get(ownStart))
      return
    }
    for (const entry of containing.toReversed()) this.#put(slid, entry.start, entry)
    // An earlier record of the same moment has opened the other windows.
    if (latestOfOwn === timestamp) return
    this.#openBehindPrevious(slid)
    if (!known.has(ownStart)) {
      const isNear = before && before.timestamp >= ownStart && timestamp > differenceMs
      this.#put(slid, ownStart, isNear ? before : undefined)
    }
    this.#openBehind(slid)
  }
  /** Opens the window that begins just after the previous record, for this one. */
  #openBehindPrevious(slid: Slid): void {
    const { timestamp, known, ownStart, previous } = slid
    const start = previous + 1
    if (previous < 0 || previous >= timestamp || known.has(start) || start === ownStart) return
    if (start + this.#window.differenceMs >= timestamp) this.#put(slid, start, undefined)
  }

  /** Opens the window that begins just after this record, if a later one is in it. */
  #openBehind({ key, timestamp, closedTime, known, after }: Slid): void {
    if (!known.has(timestamp + 1) && after && after.timestamp > timestamp)
      this.#open(key, timestamp + 1, given(after.holding), after.timestamp, closedTime)
  }

  /** Adds the value to a window; `from` is the window itself, or one with the same records. */
  #put({ key, value, timestamp, closedTime }: Slid, start: number, from: Row | undefined): void {
    this.#context.operator = this.#aggregation.operator
    const result = added(this.#aggregation, this.#add, (from && given(from.holding)) ?? undefined, value, key)
    this.#open(key, start, result, Math.max(from?.timestamp ?? -1, timestamp), closedTime)
  }

  #open(key: unknown, start: number, result: unknown, timestamp: number, closedTime: number): void {
    const end = start + this.#window.differenceMs
    if (end < closedTime) {
      this.#context.drop('late')
      return
    }
    let entry = this.#windows.find(key, start)
    const before = entry?.holding ?? null
    if (!entry) {
      if (result !== null) entry = this.#windows.add(key, start, end, result, timestamp)
    } else if (result === null) this.#windows.remove(entry, timestamp)
    else this.#windows.update(entry, result, timestamp)
    this.#tell?.(key, { start, end }, result, timestamp, before, entry)
  }
}

function snapshot(entry: WindowEntry | undefined): Row | undefined {
  return entry && { holding: entry.holding, timestamp: entry.timestamp }
}
