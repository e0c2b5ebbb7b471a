import { JournalStorage } from '@kafkado/broker/disk'
import { seededRandom, systemClock } from '@kafkado/core'
import { expect, it } from 'vitest'
import { SimulatedFolder } from '../../../tests/durability/journal/simulated-folder.ts'
import { EngineUnderTest } from './engine-under-test.ts'

it('lets the disk work beside the event loop for what was written long ago, once, and not for what is young', async () => {
  const random = seededRandom(1)
  const reads: string[] = []
  const onRead = (kind: string, name: string, position: number): void => {
    // The one that is written to has the name under which it was begun.
    const file = name.replace(/\.new$/, '')
    if (file.endsWith('.journal')) reads.push(`${kind} ${file} ${Math.floor(position / 262_144)}`)
  }
  const storage = new JournalStorage('simulated', {
    disk: new SimulatedFolder(random, { onRead }),
    limits: { warmBytes: 20_000 },
    runtime: { clock: systemClock, random },
  })
  const engine = new EngineUnderTest({}, storage)
  const topic = await engine.harness.topic()
  for (let index = 0; index < 40; index++) await engine.harness.produceEach(topic, `${index}:${'x'.repeat(10_000)}`)
  reads.length = 0
  const value = async (offset: number): Promise<string | null | undefined> =>
    (await engine.harness.values(topic, offset, { partitionMaxBytes: 1 }))[0]?.split(':')[0]
  expect(await value(39)).toBe('39')
  expect(reads).toEqual(['sync 1.journal 1'])
  reads.length = 0
  expect(await value(2)).toBe('2')
  expect(reads).toEqual(['async 1.journal 0', 'sync 1.journal 0'])
  reads.length = 0
  expect(await value(5)).toBe('5')
  expect(reads).toEqual(['sync 1.journal 0'])
  await engine.transport.close()
})
