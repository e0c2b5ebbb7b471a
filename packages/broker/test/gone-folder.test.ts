import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JournalStorage } from '@kafkado/broker/disk'
import { seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { createHandler } from '@kafkado/server'
import { expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

it('is told by /readyz within a second, takes nothing more and goes on reading, when its folder is removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-gone-'))
  const clock = new ManualClock()
  const storage = new JournalStorage(folder, { runtime: { clock, random: seededRandom(1) } })
  const engine = new EngineUnderTest({}, storage)
  const handler = createHandler(engine.transport, { log: () => undefined })
  const readiness = (): Promise<Response> => handler(new Request('http://localhost/readyz'))
  const topic = await engine.harness.topic()
  await engine.harness.produceEach(topic, 'kept')
  expect((await readiness()).status).toBe(200)
  await rm(folder, { recursive: true })
  clock.advance('1s')
  let answer = await readiness()
  // The check of the folder takes its turns of the event loop.
  for (; answer.status === 200; answer = await readiness()) await new Promise((next) => setImmediate(next))
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({
    detail: 'the storage has failed, and nothing can be written until a restart',
  })
  await expect(engine.harness.produceEach(topic, 'lost')).rejects.toMatchObject({ code: 'STORAGE', retriable: false })
  expect(await engine.harness.values(topic)).toEqual(['kept'])
  await engine.transport.close()
})
