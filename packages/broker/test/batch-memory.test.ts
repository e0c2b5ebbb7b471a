import { seededRandom } from '@kafkado/core'
import { batch, startTime } from '@kafkado/testing/conformance'
import { expect, it } from 'vitest'
import { BatchMemory, type Chunk } from '../src/records/batch-memory.ts'
import { EngineUnderTest } from './engine-under-test.ts'
import { PoisoningStorage } from './poisoning-storage.ts'

it('gives no memory to two units at a time, and the same again to later ones', () => {
  const [memory, random] = [new BatchMemory(), seededRandom(1)]
  const units: { held: Chunk[]; copies: { sent: Uint8Array; copy: Uint8Array }[] }[] = []
  const buffers = new Set<ArrayBufferLike>()
  for (let count = 0; count < 3000; count++) {
    const unit = { held: [] as Chunk[], copies: [] as { sent: Uint8Array; copy: Uint8Array }[] }
    for (let left = Math.floor(random.next() * 4); left >= 0; left--) {
      const sent = new Uint8Array(Math.floor(random.next() ** 4 * 600_000)).fill(count % 251)
      const copy = memory.copy(sent, unit.held)
      expect(copy.length).toBe(sent.length)
      if (sent.length <= 512 * 1024) buffers.add(copy.buffer)
      unit.copies.push({ sent, copy })
    }
    units.push(unit)
    // They become durable in order, some fail, and some are never committed.
    while (units.length > 12 || random.next() < 0.3) {
      const done = units.shift()
      if (!done) break
      for (const { sent, copy } of done.copies) expect(Buffer.compare(copy, sent)).toBe(0)
      if (random.next() < 0.02) continue
      for (const { copy } of done.copies) copy.fill(0xa5)
      memory.giveBack(done.held)
    }
  }
  // Far fewer than there were batches, and one more for each unit that was dropped.
  expect(buffers.size).toBeLessThan(200)
})

it('is what the engine appends by, and uses again, while what was appended stays as it was sent', async () => {
  const storage = new PoisoningStorage()
  const engine = new EngineUnderTest({}, storage)
  const topic = await engine.harness.topic(4)
  const text = (index: number): string => `${index}:${'x'.repeat((index * 7919) % 30_000)}`
  const all = Array.from({ length: 400 }, (_, index) => index)
  // Many at a time, so that units are under way together.
  for (let first = 0; first < all.length; first += 40)
    await Promise.all(
      all.slice(first, first + 40).map(async (index) => {
        const sent = batch([{ value: text(index), timestamp: startTime }])
        expect(await engine.harness.produce(topic, sent, index % 4)).toMatchObject({ errorCode: 0 })
        sent.fill(0)
      }),
    )
  for (let partition = 0; partition < 4; partition++)
    expect(await engine.harness.values(topic, 0, { partition, partitionMaxBytes: 50_000_000 })).toEqual(
      all.filter((index) => index % 4 === partition).map(text),
    )
  expect(storage.spoiledBytes).toBeGreaterThan(4_000_000)
  await engine.transport.close()
})
