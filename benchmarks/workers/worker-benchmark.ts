import { performance } from 'node:perf_hooks'
import { memory } from '@kafkado/broker'
import { createConsumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'
import { median, rounds } from '../median.ts'
import burn from './burn.ts'

const records = 1500
const module = new URL('burn.ts', import.meta.url)

/** A handler that needs the processor, in this thread and in one, two and four of its own. */
export async function benchmarkWorkers(): Promise<void> {
  const transport = memory()
  const producer = createProducer<number>(transport, 'jobs')
  await producer.sendBatch([...Array(records).keys()])
  await producer.close()
  let runs = 0
  const perSecond = async (workers: number): Promise<number> => {
    const consumer = createConsumer<number>(transport, 'jobs', { group: `bench-${runs++}`, autoCommitInterval: 20 })
    let startedMs = 0
    consumer.on('assigned', () => (startedMs = performance.now()))
    consumer.on('committed', ({ offsets }) => {
      if (offsets[0]?.offset === records) void consumer.close()
    })
    await (workers === 0
      ? consumer.parallel({ concurrency: 1, ordering: 'unordered' }, burn)
      : consumer.parallel({ workers, concurrency: workers * 4, ordering: 'unordered', module }))
    return (records * 1000) / (performance.now() - startedMs)
  }
  const results = new Map([0, 1, 2, 4].map((workers) => [workers, [] as number[]]))
  for (let round = 0; round < rounds; round++)
    for (const [workers, speeds] of results) speeds.push(await perSecond(workers))
  await transport.close()
  const one = median(results.get(1) as number[])
  console.log(`\nworker threads, a handler of about a millisecond of CPU (medians of ${rounds} interleaved rounds)`)
  for (const [workers, speeds] of results) {
    const name = workers === 0 ? 'in the main thread' : `${workers} threads`
    console.log(
      `  ${name.padEnd(20)} ${Math.round(median(speeds)).toString().padStart(6)} records/s, ` +
        `${(median(speeds) / one).toFixed(2)} of one thread`,
    )
  }
}
