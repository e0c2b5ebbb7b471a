import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded } from '@kafkado/broker'
import { Harness } from '@kafkado/testing/conformance'
import { expect, it } from 'vitest'
import { runKafkado } from './run-kafkado.ts'

it('data convert: says what was taken over, once, and why there is nothing to convert', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-data-'))
  try {
    const engine = embedded(folder, { storage: 'lmdb' })
    const harness = new Harness(engine, 'data')
    const topic = await harness.topic()
    await harness.produceEach(topic, 'one', 'two')
    await engine.close()
    const { code, output } = await runKafkado(['data', 'convert', folder])
    expect(output).toMatch(
      /is kept in a journal now, no longer in LMDB: 1 topics, 1 partitions, 2 batches of \d+ bytes\n$/,
    )
    expect(code).toBe(0)
    await using again = embedded(folder)
    expect(await new Harness(again, 'data').values(topic)).toEqual(['one', 'two'])
    await again.close()
    const second = await runKafkado(['data', 'convert', folder])
    expect([second.code, second.errors]).toEqual([1, expect.stringContaining('is kept in a journal already')])
  } finally {
    await rm(folder, { recursive: true })
  }
})
