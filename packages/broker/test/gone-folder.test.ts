import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JournalStorage, SqliteStorage } from '@kafkado/broker/disk'
import { LmdbStorage } from '@kafkado/broker/lmdb'
import type { Storage } from '@kafkado/broker/storage'
import { type Runtime, seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { createHandler } from '@kafkado/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-gone-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const storages: readonly (readonly [name: string, make: (runtime: Runtime) => Storage])[] = [
  ['the journal', (runtime) => new JournalStorage(folder, { runtime })],
  ['SQLite', (runtime) => new SqliteStorage(folder, { runtime })],
  ['LMDB', (runtime) => new LmdbStorage(folder, { runtime })],
]

describe.each(storages)('a server on %s', (_name, make) => {
  it.each([
    ['folder', '.'],
    ['lock', 'lock'],
  ])(
    'tells by /readyz within a second, takes nothing more and goes on reading, when its %s is removed',
    async (_what, path) => {
      const clock = new ManualClock()
      const engine = new EngineUnderTest({}, make({ clock, random: seededRandom(1) }))
      const handler = createHandler(engine.transport, { log: () => undefined })
      const readiness = (): Promise<Response> => handler(new Request('http://localhost/readyz'))
      const topic = await engine.harness.topic()
      await engine.harness.produceEach(topic, 'kept')
      expect((await readiness()).status).toBe(200)
      await rm(join(folder, path), { recursive: true })
      clock.advance('1s')
      let answer = await readiness()
      // The check of the folder takes its turns of the event loop.
      for (; answer.status === 200; answer = await readiness()) await new Promise((next) => setImmediate(next))
      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({
        detail: 'the storage has failed, and nothing can be written until a restart',
      })
      await expect(engine.harness.produceEach(topic, 'lost')).rejects.toMatchObject({
        code: 'STORAGE',
        retriable: false,
      })
      expect(await engine.harness.values(topic)).toEqual(['kept'])
      await engine.transport.close()
    },
  )
})
