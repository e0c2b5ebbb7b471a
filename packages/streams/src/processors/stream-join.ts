import type { WindowEntry } from '../state/window-entry.ts'
import type { WindowStore } from '../state/window-store.ts'
import { type BuildProcessor, type Forward, type NodeContext, requireAnswer } from './processor.ts'

export type JoinKind = 'inner' | 'left' | 'outer'
export type Joiner = (left: unknown, right: unknown, key: unknown) => unknown

export interface StreamJoin {
  readonly kind: JoinKind
  /** How much earlier and later than the left record the right one may be, both included. */
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
  readonly joiner: Joiner
  /** Whether two records of the same key belong together; undefined: always. */
  readonly matches: ((left: unknown, right: unknown) => boolean) | undefined
  readonly stores: {
    readonly left: string
    readonly right: string
    readonly pendingLeft: string
    readonly pendingRight: string
  }
}

interface Side {
  readonly isLeft: boolean
  readonly own: WindowStore
  readonly other: WindowStore
  /** Records of this side without a match so far, if those are forwarded alone. */
  readonly pending: WindowStore | undefined
  readonly otherPending: WindowStore | undefined
  /** How much earlier and later than a record of this side the matching ones may be. */
  readonly beforeMs: number
  readonly afterMs: number
}

/**
 * Joins two streams by key within a window of time. Each record meets earlier arrivals of the other side, so every pair
 * is found once.
 */
export function streamJoinProcessor(join: StreamJoin): BuildProcessor {
  return (context, forward, _late, name) => {
    const { stores, kind, beforeMs, afterMs } = join
    const [left, right] = [context.windowStore(stores.left), context.windowStore(stores.right)]
    const pendingLeft = kind === 'inner' ? undefined : context.windowStore(stores.pendingLeft)
    const pendingRight = kind === 'outer' ? context.windowStore(stores.pendingRight) : undefined
    for (const pending of [pendingLeft, pendingRight]) pending?.trackClosing()
    const leftSide = { isLeft: true, own: left, other: right, pending: pendingLeft, otherPending: pendingRight }
    const rightSide = { isLeft: false, own: right, other: left, pending: pendingRight, otherPending: pendingLeft }
    const run = new StreamJoinRun(context, join, forward, name, [
      { ...leftSide, beforeMs, afterMs },
      { ...rightSide, beforeMs: afterMs, afterMs: beforeMs },
    ])
    return [run.process(0), run.process(1)]
  }
}

class StreamJoinRun {
  readonly #context: NodeContext
  readonly #join: StreamJoin
  readonly #forward: Forward
  readonly #name: string
  readonly #sides: readonly [Side, Side]
  readonly #retentionMs: number
  #observed = -1

  constructor(context: NodeContext, join: StreamJoin, forward: Forward, name: string, sides: readonly [Side, Side]) {
    this.#name = name
    this.#context = context
    this.#join = join
    this.#forward = forward
    this.#sides = sides
    // A record has to stay at least for others of the same moment.
    this.#retentionMs = Math.max(join.beforeMs + join.afterMs + join.graceMs, 1)
  }

  process(index: 0 | 1): Forward {
    const side = this.#sides[index]
    const isKeptAlone = side.isLeft ? this.#join.kind !== 'inner' : this.#join.kind === 'outer'
    return (key, value, timestamp) => {
      this.#context.operator = this.#name
      const [left, right] = this.#sides
      const passed = Math.max(left.own.observedTime, right.own.observedTime, left.pending?.observedTime ?? -1)
      this.#observed = Math.max(this.#observed, passed, timestamp)
      if (key === null && value !== null && isKeptAlone) this.#forward(key, this.#alone(side, key, value), timestamp)
      else if (key === null || value === null) {
        this.#context.drop(key === null ? 'null-key' : 'null-value')
        if (key !== null && this.#isInTime(side, timestamp)) side.own.advance(timestamp)
      } else this.#meet(side, key, value, timestamp, isKeptAlone)
      // The time of records that are not kept must survive a restart as well.
      if (this.#observed > left.own.observedTime && this.#observed > right.own.observedTime)
        left.pending?.advance(this.#observed)
    }
  }

  #meet(side: Side, key: unknown, value: unknown, timestamp: number, isKeptAlone: boolean): void {
    const kept = this.#keep(side, key, value, timestamp)
    if (timestamp === this.#observed) this.#emitPending()
    const { matches } = this.#join
    let hasMet = false
    // A restored store may hold records that are too old.
    const oldest = side.other.observedTime - this.#retentionMs
    for (const entry of side.other.fetch(key, timestamp - side.beforeMs, timestamp + side.afterMs)) {
      if (entry.start <= oldest) continue
      this.#context.operator = this.#name
      const other = entry.value
      const [left, right] = side.isLeft ? [value, other] : [other, value]
      if (matches && !matches(left, right)) continue
      hasMet = true
      if (side.otherPending) this.#settle(side.otherPending, entry)
      this.#forward(key, requireAnswer(this.#join.joiner(left, right, key), 'join'), Math.max(timestamp, entry.start))
    }
    if (hasMet || !isKeptAlone) return
    const end = timestamp + side.afterMs + this.#join.graceMs
    if (end < this.#observed || !kept) this.#forward(key, this.#alone(side, key, value), timestamp)
    else side.pending?.add(key, timestamp, end, value, timestamp, kept.sequence)
  }

  /** Keeps a record for later ones of the other side. */
  #keep(side: Side, key: unknown, value: unknown, timestamp: number): WindowEntry | undefined {
    if (!this.#isInTime(side, timestamp)) return undefined
    const kept = side.own.add(key, timestamp, timestamp, value, timestamp)
    side.own.forget(side.own.observedTime - this.#retentionMs)
    return kept
  }

  /** Counts records that are too late to keep, even those that only carry a time, as Kafka Streams does. */
  #isInTime({ own }: Side, timestamp: number): boolean {
    if (timestamp > own.observedTime - this.#retentionMs) return true
    this.#context.drop('late')
    return false
  }

  /** The record has a match, so it is not forwarded alone. */
  #settle(pending: WindowStore, { key, start, sequence }: WindowEntry): void {
    const entry = pending.fetch(key, start, start).find((one) => one.sequence === sequence)
    if (entry) pending.remove(entry, entry.timestamp)
  }

  /** Forwards, in the order of their times, records without a match whose time is over. */
  #emitPending(): void {
    const closed = this.#sides
      .filter(({ pending }) => pending)
      .flatMap((side) => {
        const over = side.pending?.inOrder(side.pending.close(this.#observed - 1)) ?? []
        return over.map((entry) => ({ side, entry }))
      })
    if (closed.length === 0) return
    closed.sort((one, two) => one.entry.start - two.entry.start || Number(one.side.isLeft) - Number(two.side.isLeft))
    this.#context.withoutRecord(() => {
      for (const { side, entry } of closed) {
        const { key, value, start } = entry
        side.pending?.remove(entry, entry.timestamp)
        this.#forward(key, this.#alone(side, key, value), start)
      }
    })
  }

  #alone({ isLeft }: Side, key: unknown, value: unknown): unknown {
    this.#context.operator = this.#name
    return requireAnswer(this.#join.joiner(isLeft ? value : null, isLeft ? null : value, key), 'join')
  }
}
