import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { JournalStorage } from '@kafkado/broker/disk'
import { type Storage, StorageChanges } from '@kafkado/broker/storage'
import { assignOffset, copyBytes, RecordBatchBuilder } from '@kafkado/core/internal'
import { median } from '../median.ts'
import { EngineLog } from './engine-log.ts'
import type { OpenedFolder } from './open-process.ts'

const batches = Number(process.env['KAFKADO_BENCH_BATCHES'] ?? 1_000_000)
const opens = 5
const batchesInUnit = 5000
/** An entry of the index comes after so many bytes, as in the engine. */
const indexBytes = 64 * 1024

const run = promisify(execFile)
const script = fileURLToPath(new URL('open-process.ts', import.meta.url))

/** How long it takes until an engine over a folder with many batches answers, and what it needs of memory for that. */
export async function benchmarkOpen(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  try {
    await fill(folder)
    const files = await readdir(join(folder, 'journal'))
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, 'journal', name))).size))
    const megabytes = Math.round(sizes.reduce((sum, one) => sum + one, 0) / 1e6)
    const found: OpenedFolder[] = []
    for (let round = 0; round < opens; round++) {
      const parameters = ['--conditions=kafkado-source', '--expose-gc', script, folder]
      found.push(JSON.parse((await run(process.execPath, parameters)).stdout) as OpenedFolder)
    }
    const of = (field: keyof OpenedFolder): string => median(found.map((one) => one[field])).toFixed(1)
    console.log(
      `\na folder with ${batches} batches (${megabytes} MB), medians of ${opens}: ` +
        `open after ${of('openMs')} ms (${of('openCpuMs')} ms of CPU), the first append takes ${of('appendMs')} ms; ` +
        `${of('openMegabytes')} MB of memory once it is open, ${of('readMegabytes')} MB after reads all over it`,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Through the storage, many batches in a unit: how they came there says nothing about how they are found. */
async function fill(folder: string): Promise<void> {
  await (await EngineLog.open(folder, 'journal')).close()
  const storage: Storage = new JournalStorage(folder)
  await storage.open()
  const logId = storage.readMetadata('topic')[0]?.value?.logIds[0] as number
  const builder = new RecordBatchBuilder()
  builder.append({ timestamp: Date.UTC(2026, 10, 24), key: 'key', value: 'x'.repeat(40), headers: [] })
  const made = builder.build() as Uint8Array
  let [position, lastEntry] = [0, 0]
  for (let offset = 0; offset < batches;) {
    const changes = new StorageChanges()
    for (const end = Math.min(offset + batchesInUnit, batches); offset < end; offset++) {
      const bytes = copyBytes(made)
      assignOffset(bytes, offset, 0)
      changes.batches.push({ logId, lastOffset: offset, bytes })
      if (position - lastEntry >= indexBytes) {
        changes.indexEntries.push({
          logId,
          baseOffset: offset,
          maxTimestamp: Date.UTC(2026, 10, 24) + offset,
          position,
        })
        lastEntry = position
      }
      position += bytes.length
    }
    await storage.commit(changes)
  }
  await storage.close()
}
