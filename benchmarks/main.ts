import { parseArgs } from 'node:util'
import { benchmarkClients } from './clients/client-benchmark.ts'
import { benchmarkGrowth } from './growth/growth-benchmark.ts'
import { benchmarkKafka } from './kafka/kafka-benchmark.ts'
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
  workers: benchmarkWorkers,
  streams: benchmarkStreams,
  state: benchmarkState,
  storage: benchmarkStorage,
  open: benchmarkOpen,
  startup: benchmarkStartup,
  growth: benchmarkGrowth,
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
})
const [first, ...rest] = positionals
const pace = options.quick ? quickPace : fullPace
if (first === 'targets' || (first === undefined && options.quick)) {
  await benchmarkTargets(rest, pace)
} else {
  for (const name of first === undefined ? Object.keys(benchmarks) : positionals) {
    const benchmark = benchmarks[name]
    if (!benchmark)
      throw new Error(`there is no benchmark '${name}'; choose from targets, ${Object.keys(benchmarks).join(', ')}`)
    await benchmark()
  }
}
