import { setImmediate as turn } from 'node:timers/promises'
import type { StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import type { ExamplePlace } from '../examples/api-examples.ts'
import { take } from '../take.ts'

const counts = { a: 4, b: 2, c: 3 } as const
const topics = Object.keys(counts) as (keyof typeof counts)[]

/** Topologies where a task reads several topics, some of which have no partition with its number. */
const topologies: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  'a list of topics': (s) => s.stream<number>(topics).to('out'),
  'merged streams': (s) => s.stream<number>('a').merge(s.stream<number>('b')).merge(s.stream<number>('c')).to('out'),
  'processors that share a store': (s) => {
    const store = s.addStateStore('shared')
    for (const topic of topics)
      s.stream<number>(topic)
        .processValues<number>((context) => (value) => context.forward(value), { stores: { store } })
        .to('out')
  },
}

/**
 * Applications that read topics together, some of which have fewer partitions.
 *
 * @param isBrief leaves out cases that other cases cover
 */
export function describeUnevenSources(name: string, place: ExamplePlace, isBrief = false): void {
  describe(`topics of different numbers of partitions, ${name}`, () => {
    const all = Object.entries(topologies).flatMap(([text, build]) =>
      [counts, { a: 2, b: 2, c: 2 }].map((begin) => ({ text, build, begin })),
    )
    // Each topology and each beginning once.
    const cases = isBrief ? all.filter((_, index) => [1, 2, 4].includes(index)) : all
    it.each(cases)('are read once, however many members come and go: $text, from $begin', async ({ build, begin }) => {
      const example = await place()
      const { kafka } = example
      const now: Record<string, number> = { ...begin }
      for (const [topic, partitions] of Object.entries(now)) await kafka.admin.createTopic(topic, { partitions })
      const values = take<number>(kafka, 'out')
      const running: StreamsApp[] = []
      const start = async (): Promise<void> => {
        const s = kafka.streams({ application: 'uneven', guarantee: 'exactly-once' })
        build(s)
        running.push(await s.start())
      }
      const tasks = async (): Promise<string[]> =>
        (await Promise.all(running.map((app) => app.tasks()))).flat().map(({ id }) => id)
      let sent = 0
      /** Sends one record to each partition, once every task runs at one of the members. */
      const round = async (): Promise<void> => {
        while ((await tasks()).length < Math.max(...Object.values(now))) await turn()
        const first = sent
        for (const [topic, partitions] of Object.entries(now))
          for (let partition = 0; partition < partitions; partition++) await kafka.produce(topic, sent++, { partition })
        const expected = Array.from({ length: sent - first }, (___, index) => first + index)
        expect((await values.next(expected.length)).sort((left, right) => left - right)).toEqual(expected)
      }
      await start()
      await start()
      await round()
      await start()
      await round()
      await running.shift()?.close()
      await round()
      if (!build.toString().includes('addStateStore')) {
        // So many that one of two members gets none of the added ones.
        const partitions = begin.a + 2
        now['a'] = partitions
        await kafka.admin.alterTopic('a', { partitions })
        await round()
        await start()
        await round()
      }
      for (const app of running.splice(0)) await app.close()
      await start()
      await round()
      for (const app of running) await app.close()
      await values.close()
      await example.close()
    })

    it('stop an application whose members could disagree who reads what', async () => {
      const example = await place()
      const { kafka } = example
      for (const [topic, partitions] of Object.entries(counts)) await kafka.admin.createTopic(topic, { partitions })
      const s = kafka.streams({ application: 'uneven' })
      topologies['a list of topics']?.(s)
      const app = await s.start()
      const failed = new Promise<unknown>((resolve) => app.on('error', ({ error }) => resolve(error)))
      await kafka.admin.alterTopic('b', { partitions: 5 })
      expect(String(await failed)).toMatch(
        /topic 'b' has 5 partitions now, more than 'a' with 4, by which the members of 'uneven' share what they read together: stop all of them/,
      )
      await example.close()
    })
  })
}
