import { memory } from '@kafkado/broker'
import { seededRandom } from '@kafkado/core'
import { keyValue } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

const hourMs = 3_600_000

// Loads modules in advance: otherwise loading would take time while the clock runs fast.
beforeAll(async () => {
  const transport = memory()
  for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
    const s = new KafkaClient(transport).streams({ guarantee })
    s.stream('nothing').groupByKey().count().to('nowhere')
    await (await s.start()).close()
  }
  await transport.close()
})

describe.each(['at-least-once', 'exactly-once'] as const)(
  'a clock that is set while an application runs, %s',
  (guarantee) => {
    it.each([
      ['back', -hourMs],
      ['forward', hourMs],
    ])('%s by an hour stops neither commits nor punctuations, which are told the time of day', async (_, byMs) => {
      // The clock of the application alone: the server has its own.
      const clock = new ManualClock()
      const serverClock = new ManualClock()
      const advance = { advance: (ms: number) => (clock.advance(ms), serverClock.advance(ms)) } as ManualClock
      const engine = memory({ runtime: { clock: serverClock, random: seededRandom(1) }, heartbeatInterval: 200 })
      const kafka = new KafkaClient(engine, { clock, random: seededRandom(2) })
      for (const topic of ['in', 'out', 'ticks'])
        await inTime(kafka.admin.createTopic(topic, { partitions: 1 }), advance)
      const s = kafka.streams({ application: 'app', guarantee, commitInterval: 100, consumer: { fetchMaxWaitMs: 100 } })
      const numbers = s.stream<number>('in')
      numbers
        .process<string, number>((context) => {
          context.schedule('1s', 'wall-clock', (time) => context.forward('tick', time, time))
          return () => undefined
        })
        .to('ticks')
      numbers
        .groupBy((number) => `k${number % 2}`)
        .count()
        .toStream()
        .map((count, key) => keyValue(key, count))
        .to('out')
      const app = await inTime(s.start(), advance)
      const [ticks, counts]: [number[], number[]] = [[], []]
      const readers = [kafka.consumer<number>('ticks'), kafka.consumer<number>('out')] as const
      const reading = readers.map(async (reader, index) => {
        for await (const { value } of reader) (index === 0 ? ticks : counts).push(value)
      })
      let sent = 0
      const goesOn = async (): Promise<void> => {
        const [before, beginMs] = [ticks.length, clock.monotonic()]
        await inTime(kafka.produce('in', sent++, { key: 'k' }), advance)
        await until(
          () => (counts.length >= sent && ticks.length >= before + 3) || clock.monotonic() > beginMs + 20_000,
          advance,
        )
        expect(counts.length).toBe(sent)
        expect(ticks.length).toBeGreaterThanOrEqual(before + 3)
        const offsets = async (): Promise<number | null | undefined> =>
          (await inTime(kafka.admin.describeGroup('app'), advance)).offsets.find(({ topic }) => topic === 'in')
            ?.committed
        await until(async () => ((await offsets()) ?? 0) >= sent, advance)
      }
      await goesOn()
      for (let times = 0; times < 2; times++) {
        clock.adjust(byMs)
        await goesOn()
        expect(Math.abs((ticks.at(-1) as number) - clock.now())).toBeLessThan(5000)
      }
      const closed = clock.monotonic()
      await inTime(app.close(), advance)
      expect(clock.monotonic() - closed).toBeLessThan(5000)
      await inTime(kafka.close(), advance)
      await Promise.all(reading)
      await inTime(engine.close(), advance)
    })
  },
)
