import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { RecordBatchBuilder } from '@kafkado/core/internal'
import { EngineLog } from './engine-log.ts'

const batches = Number(process.env['KAFKADO_BENCH_BATCHES'] ?? 1_000_000)
const inFlight = 512

/** How long it takes until an engine over a folder with many batches answers. */
export async function benchmarkOpen(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  const filling = await EngineLog.open(folder, 'journal')
  const builder = new RecordBatchBuilder()
  builder.append({ timestamp: Date.UTC(2026, 10, 24), key: 'key', value: 'x'.repeat(100), headers: [] })
  const batch = builder.build() as Uint8Array
  let left = batches
  const appendUntilDone = async (): Promise<void> => {
    while (left-- > 0) await filling.append(batch)
  }
  await Promise.all(Array.from({ length: inFlight }, appendUntilDone))
  await filling.close()
  const files = await readdir(join(folder, 'journal'))
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, 'journal', name))).size))
  const size = sizes.reduce((sum, one) => sum + one, 0)
  const before = performance.now()
  const opened = await EngineLog.open(folder, 'journal')
  const opening = performance.now() - before
  await opened.append(batch)
  const appending = performance.now() - before - opening
  await opened.close()
  await rm(folder, { recursive: true })
  console.log(
    `\na folder with ${batches} batches (${Math.round(size / 1e6)} MB) is open after ${opening.toFixed(0)} ms; the first append takes ${appending.toFixed(0)} ms`,
  )
}
