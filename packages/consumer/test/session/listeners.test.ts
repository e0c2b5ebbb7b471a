import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  type PartitionsListener,
  seededRandom,
  type TopicPartition,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

const at = (partition: number): TopicPartition => ({ topic: 'in', partition })

interface Listening {
  readonly config: ConsumerConfig
  readonly event?: PartitionsListener
}

/** How a listener hears of partitions; `act` is what it does with them. */
const listening: Record<string, (act: PartitionsListener) => Listening> = {
  onAssigned: (act) => ({ config: { onAssigned: (partitions) => void act(partitions) } }),
  'an async onAssigned': (act) => ({
    config: {
      onAssigned: async (partitions) => {
        await Promise.resolve()
        await act(partitions)
      },
    },
  }),
  "on('assigned')": (event) => ({ config: {}, event }),
}

interface Act {
  /** What a listener does about partition 1. */
  act(consumer: Consumer<number>): unknown
  /** Which of the values 0…3 the consumer then reads from it. */
  readonly reads: readonly number[]
  /** Whether it concerns partition 0, too. */
  readonly isOfAll?: true
  /** Whether it takes effect only where the listener is awaited. */
  readonly isAwaited?: true
}

const all = [0, 1, 2, 3]
const acts: Record<string, Act> = {
  nothing: { act: () => undefined, reads: all },
  'seek()': { act: (consumer) => consumer.seek({ ...at(1), offset: 2 }), reads: [2, 3] },
  'seek() twice': {
    act: (consumer) => [1, 3].forEach((offset) => consumer.seek({ ...at(1), offset })),
    reads: [3],
  },
  'seek() twice with some time in between': {
    act: async (consumer) => {
      consumer.seek({ ...at(1), offset: 1 })
      for (let turns = 0; turns < 20; turns++) await turn()
      consumer.seek({ ...at(1), offset: 3 })
    },
    reads: [3],
    isAwaited: true,
  },
  'seekToTimestamp()': { act: (consumer) => consumer.seekToTimestamp(3000), reads: [2, 3], isOfAll: true },
  'pause()': { act: (consumer) => consumer.pause([at(1)]), reads: [] },
  'pause() of all': { act: (consumer) => consumer.pause(), reads: [], isOfAll: true },
  'pause() and resume()': {
    act: (consumer) => {
      consumer.pause([at(1)])
      consumer.resume([at(1)])
    },
    reads: all,
  },
  'pause() and seek()': {
    act: (consumer) => {
      consumer.pause([at(1)])
      consumer.seek({ ...at(1), offset: 2 })
    },
    reads: [],
  },
}

describe.each(Object.entries(places))('listeners that act, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: Consumer<number>[]

  beforeEach(async () => {
    clock = new ManualClock()
    made = []
    under = await place({ clock, heartbeatInterval: 50 })
  })
  afterEach(async () => {
    await inTime(Promise.all(made.map((one) => one.close())), clock)
    await under.close()
  })

  const write = (partition: number): Promise<unknown> =>
    under.kafka
      .producer<number>('in')
      .sendBatch([0, 1, 2, 3].map((value) => ({ value, partition, timestamp: 1000 * (value + 1) })))

  function consumer(config: ConsumerConfig = {}): Consumer<number> {
    const runtime = { clock, random: seededRandom(made.length + 1) }
    const one = createConsumer<number>(under.transport, 'in', { group: 'g', runtime, ...config })
    made.push(one)
    return one
  }

  /** Lets everything that is still coming arrive. */
  async function rest(): Promise<void> {
    const sinceMs = clock.monotonic()
    await until(() => clock.monotonic() - sinceMs > 500, clock)
  }

  const whens = ['the first assignment', 'a later assignment', 'partitions that were chosen'] as const
  const cases = whens
    .flatMap((when) => Object.keys(listening).flatMap((by) => Object.keys(acts).map((what) => ({ when, by, what }))))
    .filter(({ by, what }) => by === 'an async onAssigned' || !acts[what]?.isAwaited)

  it.each(cases)('$what in $by counts, at $when', async ({ when, by, what }) => {
    const { act, reads, isOfAll } = acts[what] as Act
    const isLater = when === 'a later assignment'
    let heard = 0
    const { config, event } = (listening[by] as (act: PartitionsListener) => Listening)(async (partitions) => {
      if (partitions.every(({ partition }) => partition !== 1)) return
      expect(one.assignment()).toContainEqual(at(1))
      const acted = act(one)
      heard++
      await acted
    })
    await under.kafka.admin.createTopic('in', { partitions: isLater ? 1 : 2 })
    const one = consumer({ group: when === 'partitions that were chosen' ? undefined : 'g', ...config })
    if (event) one.on('assigned', ({ partitions }) => void event(partitions))
    if (when === 'partitions that were chosen') one.assign([at(0), at(1)])
    if (!isLater) await Promise.all([write(0), write(1)])
    const values: [number[], number[]] = [[], []]
    const reading = one.forEach(({ value, partition }) => values[partition as 0 | 1].push(value))
    if (isLater) {
      await until(() => one.assignment().length === 1, clock)
      await under.kafka.admin.alterTopic('in', { partitions: 2 })
      await write(1)
    }
    await until(() => heard === 1, clock)
    if (isLater) await write(0)
    const readsOfOther = isOfAll && (!isLater || reads.length === 0) ? reads : all
    await until(() => values[0].length >= readsOfOther.length && values[1].length >= reads.length, clock)
    await rest()
    expect(values).toEqual([readsOfOther, reads])
    expect(heard).toBe(1)
    await inTime(one.close(), clock)
    await reading
  })

  describe('before reading', () => {
    it.each([undefined, 'g'])('pause(), seek() and assignment() count (group: %s)', async (group) => {
      await under.kafka.admin.createTopic('in', { partitions: 2 })
      await Promise.all([write(0), write(1)])
      const one = consumer({ group })
      expect(one.assignment()).toEqual([])
      one.pause([at(1)])
      one.seek({ ...at(0), offset: 3 })
      one.seek({ ...at(1), offset: 2 })
      const values: [number[], number[]] = [[], []]
      const reading = one.forEach(({ value, partition }) => values[partition as 0 | 1].push(value))
      await until(() => values[0].length > 0, clock)
      await rest()
      expect(values).toEqual([[3], []])
      one.resume()
      await until(() => values[1].length === 2, clock)
      expect(values).toEqual([[3], [2, 3]])
      await inTime(one.close(), clock)
      await reading
    })

    it('pause() of all holds back all, and assign() is what is assigned', async () => {
      await under.kafka.admin.createTopic('in', { partitions: 2 })
      await Promise.all([write(0), write(1)])
      const one = consumer({ group: undefined })
      one.assign([at(1)])
      expect(one.assignment()).toEqual([at(1)])
      one.pause()
      const values: number[] = []
      const reading = one.forEach(({ value }) => values.push(value))
      await until(() => one.health().state === 'running', clock)
      await rest()
      expect(values).toEqual([])
      one.resume()
      await until(() => values.length === 4, clock)
      await inTime(one.close(), clock)
      await reading
    })
  })
})
