import type { KafkaClient } from 'kafkado'
import { keyValue, type StreamsApp, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { startTime } from '@kafkado/testing/conformance'
import { take } from '../../packages/streams/test/take.ts'

/** A count, a windowed count and a join, all to one topic. */
export function build(s: StreamsBuilder): void {
  const clicks = s.stream<string>('clicks')
  clicks
    .groupByKey()
    .count()
    .toStream()
    .map((count, key) => keyValue(key, `${key} ${count}`))
    .to('results')
  clicks
    .groupByKey()
    .window(tumblingWindow('1m', { grace: '1h' }))
    .count()
    .toStream()
    .map((count, { key, start }) => keyValue(key, `${key} ${count} from ${(start - startTime) / 1000} s`))
    .to('results')
  clicks
    .join(s.stream<string>('visits'), { window: '1m', grace: '1h' })
    .mapValues((click, visit) => `${click} with ${visit}`)
    .to('results')
}

export const application = 'clicks-counted'

type Step = readonly [topic: 'clicks' | 'visits', key: string, value: string, atMs: number]

/** What comes before the upgrade and after it, and what is then told in all. */
export const before: { readonly input: readonly Step[]; readonly results: readonly string[] } = {
  input: [
    ['clicks', 'a', 'first', 0],
    ['clicks', 'b', 'other', 1000],
    ['visits', 'b', 'page', 2000],
    ['clicks', 'a', 'second', 3000],
  ],
  results: ['a 1', 'a 1 from 0 s', 'b 1', 'b 1 from 0 s', 'other with page', 'a 2', 'a 2 from 0 s'],
}

export const after: typeof before = {
  input: [
    // Within the same window, and the time in which it meets what came before.
    ['clicks', 'a', 'third', 4000],
    ['visits', 'a', 'page', 5000],
    ['clicks', 'b', 'late', 61_000],
  ],
  results: [
    'a 3',
    'a 3 from 0 s',
    'first with page',
    'second with page',
    'third with page',
    'b 2',
    'b 1 from 60 s',
    'late with page',
  ],
}

/** Runs the application until the results of these steps are there. */
export async function run(
  kafka: KafkaClient,
  stateDirectory: string,
  { input }: typeof before,
  expected: number,
): Promise<string[]> {
  const builder = kafka.streams({ application, stateDirectory, guarantee: 'exactly-once', commitInterval: 20 })
  build(builder)
  const app: StreamsApp = await builder.start()
  const results = take<string>(kafka, 'results')
  for (const [topic, key, value, atMs] of input) await kafka.produce(topic, value, { key, timestamp: startTime + atMs })
  const found = await results.next(expected)
  await results.close()
  await app.close()
  return found
}
