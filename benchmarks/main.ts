import { benchmarkClients } from './clients/client-benchmark.ts'
import { benchmarkCodec } from './codec/codec-benchmark.ts'
import { benchmarkGrowth } from './growth/growth-benchmark.ts'
import { benchmarkKafka } from './kafka/kafka-benchmark.ts'
import { benchmarkKafkaStreams } from './kafka-streams/kafka-streams-benchmark.ts'
import { benchmarkOpen } from './storage/open-benchmark.ts'
import { benchmarkStorage } from './storage/storage-benchmark.ts'
import { benchmarkStartup } from './startup/startup-benchmark.ts'
import { benchmarkState } from './streams/state-benchmark.ts'
import { benchmarkStreams } from './streams/streams-benchmark.ts'
import { benchmarkWorkers } from './workers/worker-benchmark.ts'

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  codec: benchmarkCodec,
  clients: benchmarkClients,
  kafka: benchmarkKafka,
  'kafka-streams': benchmarkKafkaStreams,
  workers: benchmarkWorkers,
  streams: benchmarkStreams,
  state: benchmarkState,
  storage: benchmarkStorage,
  open: benchmarkOpen,
  startup: benchmarkStartup,
  growth: benchmarkGrowth,
}

const chosen = process.argv.slice(2)
for (const name of chosen.length > 0 ? chosen : Object.keys(benchmarks)) {
  const benchmark = benchmarks[name]
  if (!benchmark) throw new Error(`there is no benchmark '${name}'; choose from ${Object.keys(benchmarks).join(', ')}`)
  await benchmark()
}
