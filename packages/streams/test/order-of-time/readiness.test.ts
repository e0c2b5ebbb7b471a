import { seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InternalNames, Readiness, type Task } from '@kafkado/streams/internal'

/** Longer than any wait for one record. */
const boundMs = 5000

/** A task of two topics: 'a' has an old record, and 'b' may get some. */
class Waiting {
  readonly clock = new ManualClock()
  readonly positions = new Map([
    ['a', 0],
    ['b', 0],
  ])
  isCaughtUp = true
  queuedB = 0
  positionB = 0
  readonly readiness: Readiness
  readonly task: Task

  constructor(isInternal: boolean, isExactlyOnce = false) {
    const { clock } = this
    const names = new InternalNames('app')
    const repartition = { kind: 'repartition', topicSuffix: 'b' } as never
    const topicB = isInternal ? names.repartition(repartition) : 'b'
    this.topicB = topicB
    this.readiness = new Readiness({
      reader: { isCaughtUp: () => this.isCaughtUp, position: () => this.positionB },
      topology: { nodes: isInternal ? [repartition] : [], subtopologies: [], globals: [], positions: new Map() },
      names,
      partitionCounts: new Map([
        ['a', 1],
        [topicB, 1],
      ]),
      settings: { isExactlyOnce, commitIntervalMs: 100, runtime: { clock, random: seededRandom(1) } },
    })
    const headA = { topic: 'a', size: 1, headTimestamp: clock.now() - 100_000 }
    const sizeB = (): number => this.queuedB
    const topicOfB = {
      topic: topicB,
      get size() {
        return sizeB()
      },
      get headTimestamp() {
        return sizeB() > 0 ? 0 : undefined
      },
    }
    const { positions } = this
    this.task = { partition: 0, hasQueued: true, positions, queues: [headA, topicOfB] } as unknown as Task
  }

  readonly topicB: string

  /** A turn of the loop. @returns whether the record of 'a' may be processed */
  turn(): boolean {
    this.readiness.beginTurn()
    if (this.queuedB > 0) {
      this.queuedB--
      return false
    }
    return this.readiness.hasNoMore(this.task, this.topicB)
  }

  arrive(): void {
    this.queuedB++
    this.readiness.beginTurn()
    this.readiness.onArrival({ topic: this.topicB, partition: 0 })
  }

  /** Unrelated records arrive. */
  arriveElsewhere(): void {
    this.readiness.beginTurn()
    this.readiness.onArrival({ topic: 'live', partition: 0 })
  }
}

describe('Readiness', () => {
  it.each([
    ['a moment for an internal topic', true, true, false, 250],
    ['a moment after the next commit for what is written in transactions', true, true, true, 350],
    ['longer for what the server has', false, false, false, boundMs],
    ['longer for what the server has of an internal topic', true, false, false, boundMs],
  ])('waits %s, whatever else comes', (_, isInternal, isCaughtUp, isExactlyOnce, waitMs) => {
    const waiting = new Waiting(isInternal, isExactlyOnce)
    waiting.isCaughtUp = isCaughtUp
    for (let elapsedMs = 0; elapsedMs < waitMs; elapsedMs += 10) {
      expect(waiting.turn(), `after ${elapsedMs} ms`).toBe(false)
      expect(waiting.readiness.patienceMs).toBe(waitMs - elapsedMs)
      waiting.clock.advance(10)
      waiting.arriveElsewhere()
    }
    expect(waiting.turn()).toBe(true)
  })

  it('does not wait for a topic of others that was read to its end', () => {
    expect(new Waiting(false).turn()).toBe(true)
  })

  it('waits anew when what it waited for in vain has come', () => {
    const waiting = new Waiting(true)
    waiting.turn()
    waiting.clock.advance(250)
    expect(waiting.turn()).toBe(true)
    waiting.arrive()
    waiting.turn()
    expect(waiting.turn()).toBe(false)
  })

  it.each([false, true])(
    'waits for what the member has written itself until it was read; transactions: %s',
    (isExactlyOnce) => {
      const waiting = new Waiting(true, isExactlyOnce)
      const { writes } = waiting.readiness
      const written = { topic: waiting.topicB, partition: 0, offset: 4, timestamp: 0 }
      for (const change of [
        () => [1, 2, 3].forEach(() => writes.onSent(waiting.topicB)),
        () => writes.onDelivered({ ...written, partition: 1 }, written),
        () => writes.onLeftOut(waiting.topicB),
        () => writes.onDelivered(written, written),
        () => (waiting.positionB = 4),
      ]) {
        change()
        waiting.clock.advance(500)
        expect(waiting.turn()).toBe(false)
      }
      waiting.positionB = 5
      expect(waiting.turn()).toBe(true)
    },
  )

  it('notices no clock that is set', () => {
    const waiting = new Waiting(true)
    expect(waiting.turn()).toBe(false)
    // When the clock is set back, no record is old, so there is nothing to wait for; it never waits longer than usual.
    waiting.clock.adjust(3_600_000)
    expect(waiting.turn()).toBe(false)
    waiting.clock.advance(250)
    expect(waiting.turn()).toBe(true)
  })

  it('lets every record go on in the end, whatever comes of what it waits for and of others', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 1, max: 400 }),
      what: fc.constantFrom('turn', 'arrival', 'arrival elsewhere', 'caught up', 'behind'),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.boolean(), (steps, isInternal) => {
        const waiting = new Waiting(isInternal)
        let heldMs = 0
        for (let round = 0; round < 200; round++) {
          const { afterMs, what } = steps[round % steps.length] as (typeof steps)[number]
          waiting.clock.advance(afterMs)
          if (waiting.queuedB === 0) heldMs += afterMs
          if (what === 'arrival') waiting.arrive()
          if (what === 'arrival elsewhere') waiting.arriveElsewhere()
          if (what === 'caught up') waiting.isCaughtUp = true
          if (what === 'behind') waiting.isCaughtUp = false
          // Records of the other topic are processed first; then the loop checks again at once.
          while (waiting.queuedB > 0) waiting.turn()
          if (waiting.turn()) return
          if (heldMs > boundMs + 2 * 400) throw new Error(`held back for ${heldMs} ms`)
        }
      }),
    )
  })
})
