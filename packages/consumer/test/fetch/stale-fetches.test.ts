import { setImmediate as turn } from 'node:timers/promises'
import { intercept, type Interceptor } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import { type Consumer, createConsumer, seededRandom } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

const records = 10

/** Ways to move a position while a fetch from another one is under way. */
const moves: Record<string, (consumer: Consumer<number>, offset: number) => unknown> = {
  seek: (consumer, offset) => consumer.seek({ topic: 'numbers', partition: 0, offset }),
  seekToTimestamp: (consumer, offset) => consumer.seekToTimestamp(1000 * offset),
}

describe.each(Object.entries(places))('a fetch from before the position moved, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let consumer: Consumer<number>
  /** Lets the answers to fetches go on to the consumer, in the order of the fetches. */
  let held: (() => void)[]
  let isHolding: boolean

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100 })
    held = []
    isHolding = true
    // Each in a batch of its own: the answer from a later offset has none of those before it.
    for (let value = 0; value < records; value++)
      await under.kafka.produce('numbers', value, { partition: 0, timestamp: 1000 * value })
    const holding: Interceptor = (next) => async (operation, request, options) => {
      const answer = await next(operation, request, options)
      if (operation.name === 'fetch' && isHolding) await new Promise<void>((resolve) => void held.push(resolve))
      return answer
    }
    const runtime = { clock, random: seededRandom(1) }
    consumer = createConsumer<number>(intercept(under.transport, holding), 'numbers', { group: undefined, runtime })
  })
  afterEach(async () => {
    isHolding = false
    for (const letGo of held) letGo()
    await inTime(consumer.close(), clock)
    await under.close()
  })

  const directions = [
    ['back', 6, 2],
    ['forth', 2, 6],
  ] as const

  it.each(
    Object.entries(moves).flatMap(([how, move]) =>
      directions.flatMap(([where, from, to]) =>
        (['before', 'after'] as const).map((order) => ({ how, move, where, from, to, order })),
      ),
    ),
  )('is not given out when $how goes $where and it is answered $order the next one', async (given) => {
    const { move, from, to, order } = given
    consumer.assign([{ topic: 'numbers', partition: 0, offset: from }])
    const first = consumer.next()
    first.catch(() => undefined)
    await until(() => held.length === 1, clock)
    await inTime(Promise.resolve(move(consumer, to)), clock)
    await until(() => held.length === 2, clock)
    const [stale, fresh] = held as [() => void, () => void]
    isHolding = false
    const late = async (): Promise<void> => {
      stale()
      for (let turns = 0; turns < 10; turns++) await turn()
    }
    if (order === 'before') await late()
    fresh()
    expect((await inTime(first, clock)).value).toBe(to)
    if (order === 'after') await late()
    for (let value = to + 1; value < records; value++) expect((await inTime(consumer.next(), clock)).value).toBe(value)
  })
})
