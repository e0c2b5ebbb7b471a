import { setImmediate as turn } from 'node:timers/promises'
import type { StreamsApp, StreamsBuilder, StreamsOptions } from '@kafkado/streams'
import { describe, expect, it } from 'vitest'
import type { ExamplePlace } from '../examples/api-examples.ts'
import { take } from '../take.ts'

/** A value and its origin. */
interface Seen {
  readonly topic: string
  readonly value: number
}

const seen = (value: number, _key: unknown, { topic }: { readonly topic: string }): Seen => ({ topic, value })

/** Topologies over all matching topics; their outputs name the inputs. */
const topologies: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  'one by one': (s) =>
    s
      .stream<number>(/^orders-/)
      .mapValues(seen)
      .to('out'),
  'beside a topic': (s) =>
    s
      .stream<number>([/^orders-/, 'others'])
      .mapValues(seen)
      .to('out'),
  'through an internal topic': (s) =>
    s
      .stream<number>(/^orders-/)
      .map(seen)
      .groupBy(({ value }) => `k${value}`)
      .reduce((_before, next) => next)
      .to('out'),
}

/**
 * Applications that read all topics matching a pattern.
 *
 * @param isBrief leaves out topologies that are a part of others
 */
export function describePatternSources(
  name: string,
  place: ExamplePlace,
  { workers, isBrief = false }: { readonly workers?: StreamsOptions; readonly isBrief?: boolean } = {},
): void {
  describe(`all topics that match a pattern, ${name}`, () => {
    const texts = Object.keys(topologies)
    it.each(workers ? ['one by one'] : isBrief ? texts.slice(-1) : texts)(
      'are read once, whatever topics and members come and go: %s',
      async (text) => {
        const example = await place()
        const { kafka } = example
        for (const topic of ['others', 'out']) await kafka.admin.createTopic(topic, { partitions: 2 })
        const out = take<Seen>(kafka, 'out')
        const running: StreamsApp[] = []
        const failures: unknown[] = []
        const start = async (): Promise<void> => {
          const s = kafka.streams({
            application: 'patterns',
            guarantee: 'exactly-once',
            commitInterval: 50,
            ...workers,
          })
          if (!workers) topologies[text]?.(s)
          const app = await s.start()
          app.on('error', ({ error }) => failures.push(error))
          running.push(app)
        }
        const partitions: Record<string, number> = {}
        let sent = 0
        /** Each record, one per partition, comes out once, and nothing else. */
        const round = async (): Promise<void> => {
          const expected: Seen[] = []
          for (const [topic, count] of Object.entries(partitions)) {
            // An older producer may not know the added partitions.
            const producer = kafka.producer<number>(topic)
            for (let partition = 0; partition < count; partition++) {
              expected.push({ topic, value: sent })
              await producer.send(sent++, { partition, key: `${partition}` })
            }
            await producer.close()
          }
          const came = await out.next(expected.length)
          expect(came.sort((left, right) => left.value - right.value)).toEqual(expected)
          expect(failures).toEqual([])
        }
        const make = async (topic: string, count: number): Promise<void> => {
          await kafka.admin.createTopic(topic, { partitions: count })
          partitions[topic] = count
        }
        // Nothing matches, so it waits.
        await start()
        await start()
        await make('orders-eu', 2)
        await round()
        // It has more partitions, so there are more tasks.
        await make('orders-us', 4)
        await make('no-orders', 1)
        delete partitions['no-orders']
        await round()
        await running.shift()?.close()
        await round()
        await kafka.admin.alterTopic('orders-eu', { partitions: 5 })
        partitions['orders-eu'] = 5
        await round()
        await start()
        await round()
        await kafka.admin.deleteTopic('orders-eu')
        delete partitions['orders-eu']
        await round()
        for (const app of running.splice(0)) await app.close()
        await make('orders-asia', 1)
        await start()
        await round()
        // It comes back as a new topic.
        await make('orders-eu', 3)
        await round()
        for (const app of running) await app.close()
        await out.close()
        await example.close()
      },
    )

    it.skipIf(workers)('keep the state of their partitions while topics come and go', async () => {
      const example = await place()
      const { kafka } = example
      await kafka.admin.createTopic('out', { partitions: 1 })
      const out = take<number>(kafka, 'out')
      const start = async (): Promise<StreamsApp> => {
        const s = kafka.streams({ application: 'counts', guarantee: 'exactly-once', commitInterval: 50 })
        s.stream<number>(/^orders-/)
          .groupByKey()
          .count({ name: 'counts' })
          .mapValues((count) => count)
          .to('out')
        return s.start()
      }
      let app = await start()
      for (const [index, topic] of ['orders-eu', 'orders-us', 'orders-asia'].entries()) {
        await kafka.admin.createTopic(topic, { partitions: 2 })
        await kafka.produce(topic, 1, { key: 'k' })
        expect(await out.next(1)).toEqual([index + 1])
      }
      expect(await app.query<number>('counts').get('k')).toBe(3)
      await kafka.admin.deleteTopic('orders-eu')
      await kafka.produce('orders-us', 1, { key: 'k' })
      expect(await out.next(1)).toEqual([4])
      await app.close()
      // No topic matches, and the state stays.
      for (const topic of ['orders-us', 'orders-asia']) await kafka.admin.deleteTopic(topic)
      app = await start()
      while (app.state !== 'running') await turn()
      await kafka.admin.createTopic('orders-new', { partitions: 2 })
      await kafka.produce('orders-new', 1, { key: 'k' })
      expect(await out.next(1)).toEqual([5])
      // More partitions than the state has.
      const failed = new Promise<Error>((resolve) => app.on('error', ({ error }) => resolve(error as Error)))
      await kafka.admin.createTopic('orders-large', { partitions: 3 })
      expect((await failed).message).toMatch(
        /^topic 'orders-large' has 3 partitions and matches a pattern of the application: the state of store 'counts' would have to be spread over 3 partitions, but internal topic 'counts-counts-changelog' has 2\./,
      )
      await kafka.admin.deleteTopic('orders-large')
      app = await start()
      await kafka.produce('orders-new', 1, { key: 'k' })
      expect(await out.next(1)).toEqual([6])
      await app.close()
      await out.close()
      await example.close()
    })
  })
}
