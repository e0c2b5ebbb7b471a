import { benchmarkOpen } from './storage/open-benchmark.ts'
import { benchmarkStorage } from './storage/storage-benchmark.ts'

const benchmarks: Readonly<Record<string, () => Promise<void>>> = { storage: benchmarkStorage, open: benchmarkOpen }

const chosen = process.argv.slice(2)
for (const name of chosen.length > 0 ? chosen : Object.keys(benchmarks)) {
  const benchmark = benchmarks[name]
  if (!benchmark) throw new Error(`there is no benchmark '${name}'; choose from ${Object.keys(benchmarks).join(', ')}`)
  await benchmark()
}
