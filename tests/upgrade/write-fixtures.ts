/**
 * Writes the folders that later versions have to open: `node --conditions=kafkado-source
 * tests/upgrade/write-fixtures.ts NAME`, with the code of the commit that NAME tells of. They are written once and
 * never again, or they would prove nothing.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { brotliCompressSync } from 'node:zlib'
import { embedded } from '@kafkado/broker'
import { seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { KafkaClient } from 'kafkado'
import { askedState } from '../../packages/broker/test/asked-state.ts'
import { fillEngine, timestamps, writtenMs } from './engine-content.ts'
import { packFolder } from './packed-folder.ts'
import { application, before, run } from './streams-content.ts'

const [name = ''] = process.argv.slice(2)
if (!/^[a-z0-9-]+$/.test(name)) throw new Error('say a name for the folder of the fixtures, such as before-17')
const target = join(import.meta.dirname, 'folders', name)
await mkdir(target, { recursive: true })

const inFolder = async (write: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-fixture-'))
  await write(folder)
  await rm(folder, { recursive: true })
}

for (const storage of ['journal', 'sqlite'] as const) {
  await inFolder(async (folder) => {
    const clock = new ManualClock(writtenMs)
    const engine = embedded(folder, { storage, runtime: { clock, random: seededRandom(1) } })
    await fillEngine(engine, clock)
    // What the engine does by itself is not told to anybody.
    await wait(1000)
    const asked = JSON.stringify(await askedState(engine, timestamps))
    const keep = async (name: string): Promise<void> => {
      await writeFile(join(target, `${name}.folder`), await packFolder(folder))
      await writeFile(join(target, `${name}.asked`), brotliCompressSync(asked))
    }
    // As a process that is killed leaves it: what a journal holds is read from its frames, and no checkpoint says it.
    if (storage === 'journal') await keep('killed-journal')
    await engine.close()
    await keep(storage)
  })
}

await inFolder(async (folder) => {
  const kafka = new KafkaClient(embedded(join(folder, 'data'), { cleanupInterval: '365d' }))
  for (const topic of ['clicks', 'visits', 'results']) await kafka.admin.createTopic(topic, { partitions: 1 })
  const results = await run(kafka, join(folder, 'state'), before, before.results.length)
  await kafka.close()
  process.stdout.write(`${application}: ${results.join(' · ')}\n`)
  await writeFile(join(target, 'streams.folder'), await packFolder(folder))
})
