import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded } from '@kafkado/broker'
import type { VerifiedFolder } from '@kafkado/broker/disk'
import { batch, Harness } from '@kafkado/testing/conformance'
import { expect, it } from 'vitest'
import { runKafkado, serveKafkado } from './run-kafkado.ts'

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
      /is kept in a journal now, no longer in LMDB: 1 topic, 1 partition, 2 batches of \d+ bytes\n$/,
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

it('data convert: names the records that are damaged, takes them over as they are, and ends with 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-data-'))
  try {
    const served = await serveKafkado(folder, '0', '--storage', 'sqlite')
    expect(await served.end()).toBe(0)
    const another = await runKafkado(['serve', '--data', folder, '--storage', 'journal', '--port', '0'])
    expect([another.code, another.errors]).toEqual([
      1,
      expect.stringMatching(/was made with the storage 'sqlite' and cannot be opened with 'journal'/),
    ])
    const engine = embedded(folder)
    const harness = new Harness(engine, 'data')
    const topic = await harness.topic()
    await harness.produceEach(topic, 'before', 'MARK', 'after')
    await engine.close()
    const file = join(folder, 'data.sqlite')
    const bytes = await readFile(file)
    for (let at = bytes.indexOf('MARK'); at >= 0; at = bytes.indexOf('MARK')) bytes[at] = 0
    await writeFile(file, bytes)
    const { code, output } = await runKafkado(['data', 'convert', folder])
    expect(output).toMatch(
      new RegExp(
        `^data\\.sqlite is damaged: topic '${topic}' partition 0, the batch at offset 1: .*checksum.*; ` +
          'it was taken over as it is\\n' +
          '.* is kept in a journal now, no longer in SQLite: 1 topic, 1 partition, 3 batches',
      ),
    )
    expect(code).toBe(1)
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('data verify: names the records that are damaged, and ends with 1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-data-'))
  try {
    const engine = embedded(folder, { storage: 'journal' })
    const harness = new Harness(engine, 'data')
    const topic = await harness.topic(2)
    for (const partition of [0, 1]) await harness.produce(topic, batch([{ value: `MARK ${partition}` }]), partition)
    await harness.produceEach(topic, 'after')
    await engine.close()
    const sound = await runKafkado(['data', 'verify', folder])
    expect([sound.code, sound.output]).toEqual([
      0,
      expect.stringMatching(/^\d+ bytes of .* were verified, 0 places are damaged\n$/),
    ])
    const file = join(folder, 'journal', '1.journal')
    const bytes = await readFile(file)
    bytes[bytes.indexOf('MARK 1')] = 0
    await writeFile(file, bytes)
    const damaged = await runKafkado(['data', 'verify', folder])
    expect(damaged.code).toBe(1)
    expect(damaged.output).toMatch(
      new RegExp(
        `^1\\.journal is damaged at byte \\d+: topic '${topic}' partition 1, ` +
          'the batch that ends with offset 0\\n.*1 places',
      ),
    )
    const { damaged: told } = JSON.parse(
      (await runKafkado(['data', 'verify', folder, '--json'])).output,
    ) as VerifiedFolder
    expect(told).toMatchObject([{ file: '1.journal', records: { topic, partition: 1, lastOffset: 0 } }])
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('data backup, restore and compact: say what was copied, and how large a folder is', async () => {
  const place = await mkdtemp(join(tmpdir(), 'kafkado-data-'))
  const [folder, backup, restored] = ['data', 'backup', 'restored'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ]
  try {
    await using engine = embedded(folder, { storage: 'journal' })
    const harness = new Harness(engine, 'data')
    const topic = await harness.topic()
    await harness.produceEach(topic, 'one', 'two')
    // Beside an engine that has the folder.
    const copied = await runKafkado(['data', 'backup', folder, backup])
    expect(copied.output).toMatch(/backup is a backup of .*data: 1 topic, 1 partition, 2 batches of \d+ bytes\n$/)
    expect(copied.code).toBe(0)
    const made = await runKafkado(['data', 'restore', backup, restored, '--json'])
    expect(JSON.parse(made.output)).toMatchObject({ backup, folder: restored, topics: 1, batches: 2 })
    const again = await runKafkado(['data', 'restore', backup, restored])
    expect([again.code, again.errors]).toEqual([1, expect.stringContaining('is not empty')])
    const compacted = await runKafkado(['data', 'compact', restored])
    expect(compacted.output).toMatch(/restored takes \d+ bytes now, \d+ before\n$/)
    await using third = embedded(restored)
    expect(await new Harness(third, 'data').values(topic)).toEqual(['one', 'two'])
  } finally {
    await rm(place, { recursive: true })
  }
})
