import { parseArgs } from 'node:util'
import { benchmarkClients } from './clients/client-benchmark.ts'
import { keepGrowth, keepRows, loadPerCore, runNow } from './document/results.ts'
import { writePage } from './document/write-page.ts'
import { benchmarkGrowth } from './growth/growth-benchmark.ts'
import { benchmarkKafka } from './kafka/kafka-benchmark.ts'
import { benchmarkKafkaStreams } from './kafka-streams/kafka-streams-benchmark.ts'
import { fullPace, quickPace } from './pace.ts'
import { benchmarkOpen } from './storage/open-benchmark.ts'
import { benchmarkStorage } from './storage/storage-benchmark.ts'
import { benchmarkStartup } from './startup/startup-benchmark.ts'
import { benchmarkState } from './streams/state-benchmark.ts'
import { benchmarkStreams } from './streams/streams-benchmark.ts'
import { benchmarkTargets } from './targets/targets-benchmark.ts'
import { benchmarkWorkers } from './workers/worker-benchmark.ts'

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  clients: benchmarkClients,
  kafka: benchmarkKafka,
  'kafka-streams': benchmarkKafkaStreams,
  workers: benchmarkWorkers,
  streams: benchmarkStreams,
  state: benchmarkState,
  storage: benchmarkStorage,
  open: benchmarkOpen,
  startup: benchmarkStartup,
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
})
const [first, ...rest] = positionals
const pace = options.quick ? quickPace : fullPace

if (first === 'document') writePage()
else if (first === 'growth') await growth()
else if (first === 'targets' || (first === undefined && options.quick)) await targets()
else await others()

/** With `--keep` the figures are kept in docs/performance.json, and the page is written. */
async function targets(): Promise<void> {
  const loadBefore = loadPerCore()
  await benchmarkTargets(rest, pace, (rows) => {
    if (options.keep) keepRows(rows, runNow(options.quick, loadBefore))
  })
  if (options.keep) writePage()
}

async function growth(): Promise<void> {
  const loadBefore = loadPerCore()
  await benchmarkGrowth(rest, (curves) => {
    const run = runNow(false, loadBefore)
    const shortened = curves.map((curve) => ({
      ...curve,
      points: curve.points.map(({ size, cost }) => ({ size, cost })),
      run,
    }))
    if (options.keep) keepGrowth(shortened)
  })
  if (options.keep) writePage()
}

async function others(): Promise<void> {
  for (const name of first === undefined ? Object.keys(benchmarks) : positionals) {
    const benchmark = benchmarks[name]
    if (!benchmark)
      throw new Error(
        `there is no benchmark '${name}'; choose from targets, growth, document, ${Object.keys(benchmarks).join(', ')}`,
      )
    await benchmark()
  }
  if (first === undefined) await growth()
}
