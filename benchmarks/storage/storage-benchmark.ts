import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { RecordBatchBuilder } from '@kafkado/core/internal'
import { EngineLog } from './engine-log.ts'
import { RawLog } from './raw-log.ts'
import type { StorageSubject } from './subject.ts'

interface Scenario {
  readonly name: string
  readonly records: number
  readonly inFlight: number
  readonly appends: number
}

const scenarios: readonly Scenario[] = [
  { name: '20 KB batches, 128 in flight', records: 100, inFlight: 128, appends: 4000 },
  { name: '20 KB batches, 16 in flight', records: 100, inFlight: 16, appends: 2000 },
  { name: '20 KB batches, 1 in flight', records: 100, inFlight: 1, appends: 200 },
  { name: '300 B batches, 128 in flight', records: 1, inFlight: 128, appends: 16_000 },
  { name: '300 B batches, 1 in flight', records: 1, inFlight: 1, appends: 300 },
]

const subjects: Readonly<Record<string, (folder: string) => Promise<StorageSubject>>> = {
  raw: (folder) => RawLog.open(folder),
  engine: (folder) => EngineLog.open(folder, undefined),
  'engine on SQLite': (folder) => EngineLog.open(folder, 'sqlite'),
}

const rounds = Number(process.env['KAFKADO_BENCH_ROUNDS'] ?? 7)

/** Durable appends and sequential reads of the engine, against one file with one shared sync; interleaved, so that only ratios count. */
export async function benchmarkStorage(): Promise<void> {
  for (const scenario of scenarios) {
    const results = new Map<string, { appends: number[]; reads: number[] }>()
    for (let round = 0; round < rounds; round++) {
      for (const [name, open] of Object.entries(subjects)) {
        const result = results.get(name) ?? { appends: [], reads: [] }
        results.set(name, result)
        const { appendsPerSecond, readPerSecond } = await measure(scenario, open)
        result.appends.push(appendsPerSecond)
        result.reads.push(readPerSecond)
      }
    }
    const raw = results.get('raw')!
    console.log(`\n${scenario.name} (medians of ${rounds} interleaved rounds)`)
    for (const [name, { appends, reads }] of results) {
      const [written, read] = [median(appends), median(reads)]
      console.log(
        `  ${name.padEnd(18)} ${Math.round(written).toString().padStart(7)} appends/s, ${(written / median(raw.appends)).toFixed(2)} of raw;` +
          `  reads ${Math.round(read / 1e6)
            .toString()
            .padStart(5)} MB/s, ${(read / median(raw.reads)).toFixed(2)} of raw`,
      )
    }
  }
}

async function measure(
  { records, inFlight, appends }: Scenario,
  open: (folder: string) => Promise<StorageSubject>,
): Promise<{ appendsPerSecond: number; readPerSecond: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  const subject = await open(folder)
  const batch = batchOf(records)
  let left = appends
  const appendUntilDone = async (): Promise<void> => {
    while (left-- > 0) await subject.append(batch)
  }
  const appending = performance.now()
  await Promise.all(Array.from({ length: inFlight }, appendUntilDone))
  const appendsPerSecond = (appends / (performance.now() - appending)) * 1000
  const reading = performance.now()
  let bytes = 0
  while (performance.now() - reading < 200) bytes += await subject.readAll()
  const readPerSecond = (bytes / (performance.now() - reading)) * 1000
  await subject.close()
  await rm(folder, { recursive: true })
  return { appendsPerSecond, readPerSecond }
}

function batchOf(records: number): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < records; index++)
    builder.append({ timestamp: Date.UTC(2026, 10, 24), key: `key-${index}`, value: 'x'.repeat(190), headers: [] })
  return builder.build() as Uint8Array
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] as number
}
