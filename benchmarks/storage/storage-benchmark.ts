import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, rounds } from '../median.ts'
import { type Measurement, scenarios, subjects } from './scenarios.ts'

const run = promisify(execFile)
const measureScript = fileURLToPath(new URL('measure.ts', import.meta.url))

/** Durable appends and sequential reads of the engine, against one file with one shared sync; interleaved, so that only ratios count. */
export async function benchmarkStorage(): Promise<void> {
  for (const scenario of scenarios) {
    const results = new Map(Object.keys(subjects).map((name) => [name, [] as Measurement[]]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, measurements] of results) {
        const parameters = ['--conditions=kafkado-source', measureScript, name, scenario.name]
        const { stdout } = await run(process.execPath, parameters)
        measurements.push(JSON.parse(stdout) as Measurement)
      }
    }
    report(scenario.name, results)
  }
}

function report(scenario: string, results: ReadonlyMap<string, readonly Measurement[]>): void {
  const medians = new Map(
    [...results].map(([name, measurements]) => [
      name,
      {
        appends: median(measurements.map(({ appendsPerSecond }) => appendsPerSecond)),
        reads: median(measurements.map(({ bytesReadPerSecond }) => bytesReadPerSecond)),
      },
    ]),
  )
  const raw = medians.get('raw')!
  console.log(`\n${scenario} (medians of ${rounds} interleaved rounds)`)
  for (const [name, { appends, reads }] of medians) {
    const written = `${Math.round(appends).toString().padStart(7)} appends/s, ${(appends / raw.appends).toFixed(2)} of raw`
    const read = `${Math.round(reads / 1e6)
      .toString()
      .padStart(5)} MB/s, ${(reads / raw.reads).toFixed(2)} of raw`
    console.log(`  ${name.padEnd(18)} ${written};  reads ${read}`)
  }
}
