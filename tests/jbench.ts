import { JournalStorage } from '@kafkado/broker/disk'
import { StorageChanges } from '@kafkado/broker/storage'
import { RecordBatchBuilder, assignOffset } from '@kafkado/core/internal'
import { mkdtemp, rm, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
const n = Number(process.argv[2] ?? 1_000_000)
const folder = await mkdtemp('/tmp/jb/x-')
const storage = new JournalStorage(folder)
await storage.open()
const b = new RecordBatchBuilder()
b.append({ timestamp: 1, key: 'key', value: 'x'.repeat(190), headers: [] })
const batch = b.build() as Uint8Array
let worst = 0,
  last = performance.now()
const tick = () => {
  const now = performance.now()
  worst = Math.max(worst, now - last)
  last = now
  t = setTimeout(tick, 1)
}
let t = setTimeout(tick, 1)
const reset = () => {
  worst = 0
  last = performance.now()
}
const cpu = (f: () => void) => {
  const a = process.cpuUsage()
  f()
  const b = process.cpuUsage(a)
  return (b.user + b.system) / 1000
}
const mem = () => {
  ;(globalThis as any).gc?.()
  const m = process.memoryUsage()
  return {
    heap: (m.heapUsed / 1e6).toFixed(1),
    ab: (m.arrayBuffers / 1e6).toFixed(1),
    ext: (m.external / 1e6).toFixed(1),
    rss: (m.rss / 1e6).toFixed(0),
  }
}
console.log('before', mem())
const start = performance.now()
let offset = 0
let position = 0
while (offset < n) {
  const commits: Promise<void>[] = []
  for (let k = 0; k < 16; k++) {
    const c = new StorageChanges()
    for (let i = 0; i < 128 && offset < n; i++) {
      if ((position % 65536) + batch.length > 65536)
        c.indexEntries.push({ logId: 1, baseOffset: offset, maxTimestamp: offset, position })
      position += batch.length
      const copy = batch.slice()
      assignOffset(copy, offset, 0)
      c.batches.push({ logId: 1, lastOffset: offset++, bytes: copy })
    }
    commits.push(storage.commit(c))
  }
  await Promise.all(commits)
}
console.log(n, 'batches in', ((performance.now() - start) / 1000).toFixed(1), 's; longest turn', worst.toFixed(1), 'ms')
await new Promise((r) => setTimeout(r, 500))
console.log('after writing', mem())
worst = 0
const c0 = performance.now()
await storage.close()
console.log('close', (performance.now() - c0).toFixed(0), 'ms, longest turn', worst.toFixed(1))
let size = 0
const names = await readdir(join(folder, 'journal'))
for (const f of names) size += (await stat(join(folder, 'journal', f))).size
console.log(names.length, 'files', (size / 1e6).toFixed(0), 'MB of', (position / 1e6).toFixed(0), 'MB')
const again = new JournalStorage(folder)
const o = performance.now()
await again.open()
console.log('open', (performance.now() - o).toFixed(0), 'ms', mem())
worst = 0
let r0 = performance.now(),
  bytes = 0
const ms = cpu(() => {
  for (let from = 0; from < n;) {
    const got = again.readBatches(1, from, Number.MAX_SAFE_INTEGER, 1048576, true)
    bytes += got.length
    from += got.length / batch.length
  }
})
console.log('cpu', ms, 'ms:', (bytes / 1e3 / ms).toFixed(0), 'MB/s of cpu')
console.log('read', (bytes / 1e6 / ((performance.now() - r0) / 1000)).toFixed(0), 'MB/s', mem())
r0 = performance.now()
reset()
while (!(await again.removeBatches(1, Math.floor(n * 0.9))));
console.log('removed 90 % in', (performance.now() - r0).toFixed(0), 'ms, longest turn', worst.toFixed(1))
reset()
r0 = performance.now()
await again.reclaim()
console.log('reclaimed in', (performance.now() - r0).toFixed(0), 'ms, longest turn', worst.toFixed(1))
size = 0
for (const f of await readdir(join(folder, 'journal'))) size += (await stat(join(folder, 'journal', f))).size
console.log((size / 1e6).toFixed(0), 'MB of', ((position * 0.1) / 1e6).toFixed(0), 'MB', mem())
await again.close()
clearTimeout(t)
await rm(folder, { recursive: true })
