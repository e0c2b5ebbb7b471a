import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { convertFolder } from '@kafkado/broker/disk'
import { createTopics, deleteRecords, offsetCommit, offsetFetch } from '@kafkado/core'
import { batch, Harness, startTime, TestProducer } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const topic = 'orders'
const partitions = [0, 1] as const

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-convert-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Everything that an engine keeps: batches with an index, transactions, offsets, a start that was moved. */
async function fill(storage: 'lmdb' | 'sqlite'): Promise<void> {
  await using transport = embedded(folder, { storage })
  const harness = new Harness(transport, 'fill')
  const configs = [{ name: 'retention.ms', value: '-1' }]
  const topics = [{ topic, numPartitions: partitions.length, replicationFactor: -1, configs }]
  await transport.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  for (let index = 0; index < 60; index++) {
    const value = `${index}:${'x'.repeat(9000)}`
    const record = { key: `k${index % 7}`, value, timestamp: startTime + Math.floor(index / 3) * 1000 }
    await Promise.all(partitions.map((partition) => harness.produce(topic, batch([record]), partition)))
  }
  const producer = await new TestProducer(harness, 'teller').init()
  for (const commit of [true, false, true]) {
    await producer.send(topic, [`transaction ${commit}`])
    await producer.end(commit)
  }
  await producer.send(topic, ['left open'])
  const committed = { partition: 0, committedOffset: 17, committedLeaderEpoch: -1, committedMetadata: 'größe' }
  await transport.send(offsetCommit, {
    groupId: 'readers',
    memberId: '',
    memberEpoch: -1,
    groupInstanceId: null,
    topics: [{ topic, partitions: [committed] }],
  })
  await transport.send(deleteRecords, {
    timeoutMs: 1000,
    topics: [{ topic, partitions: [{ partition: 1, offset: 31 }] }],
  })
}

/** What an engine answers about it. */
async function ask(transport: EmbeddedTransport): Promise<unknown> {
  const harness = new Harness(transport, 'ask')
  const found: unknown[] = []
  for (const partition of partitions) {
    const start = (await harness.offsetFor(topic, -2, partition)).offset
    found.push(start, (await harness.offsetFor(topic, -1, partition)).offset)
    for (let second = -1; second < 25; second++)
      found.push((await harness.offsetFor(topic, startTime + second * 1000, partition)).offset)
    found.push(await harness.committed(topic, start, partition))
  }
  const wanted = [{ topic, partitions: [0] }]
  const offsets = { groupId: 'readers', memberId: null, memberEpoch: -1, topics: wanted, requireStable: false }
  found.push((await transport.send(offsetFetch, offsets)).topics)
  return found
}

async function asked(): Promise<unknown> {
  await using transport = embedded(folder)
  return await ask(transport)
}

/** Changes a bit, some bytes from wherever a text lies: databases leave copies behind. Twice is as if nothing was. */
function spoil(file: string, text: string, at: number): void {
  const bytes = readFileSync(file)
  let count = 0
  for (let found = bytes.indexOf(text); found >= 0; found = bytes.indexOf(text, found + 1), count++)
    bytes[found + at]! ^= 4
  expect(count).toBeGreaterThan(0)
  writeFileSync(file, bytes)
}

describe.each([
  ['lmdb', 'data.mdb'],
  ['sqlite', 'data.sqlite'],
] as const)('a folder that is kept in %s', (storage, file) => {
  it('answers the same once it is kept in a journal, and goes on', async () => {
    await fill(storage)
    const before = await asked()
    expect(existsSync(join(folder, file))).toBe(true)
    const converted = await convertFolder(folder)
    expect(converted).toMatchObject({ from: storage, topics: 1, partitions: 2 })
    expect(converted.batches).toBeGreaterThan(90)
    expect(readdirSync(folder).filter((name) => /^data\.|\.new$/.test(name))).toEqual([])
    expect(await asked()).toEqual(before)
    await using transport = embedded(folder)
    const harness = new Harness(transport, 'go on')
    const [, end] = before as [number, number]
    expect((await harness.produce(topic, batch([{ value: 'more' }]))).baseOffset).toBe(end)
    // The transaction that was open is aborted by its producer's return, as ever.
    await new TestProducer(harness, 'teller').init()
    expect(await harness.committed(topic, 60)).not.toContain('left open')
  })

  it('begins anew where it was interrupted, and the journal counts once it is there', async () => {
    await fill(storage)
    const before = await asked()
    const copy = `${folder}-copy`
    cpSync(folder, copy, { recursive: true })
    try {
      mkdirSync(join(folder, 'journal.new'))
      writeFileSync(join(folder, 'journal.new', '1.journal'), 'half a file')
      await convertFolder(folder)
      // As if it had ended before the old file went.
      cpSync(join(copy, file), join(folder, file))
      expect(await asked()).toEqual(before)
      await expect(convertFolder(folder)).rejects.toThrow('is kept in a journal already')
      expect(existsSync(join(folder, file))).toBe(false)
      expect(await asked()).toEqual(before)
    } finally {
      await rm(copy, { recursive: true })
    }
  })

  /** A batch of one record without a key: where its value begins, and the fields of its header from there. */
  const [valueAt, baseOffsetAt, lengthAt, crcAt, countAt] = [67, 6, 11, 17, 60]

  async function fillAround(mark: string): Promise<number> {
    await fill(storage)
    await using transport = embedded(folder)
    const harness = new Harness(transport, 'mark')
    const offsets: number[] = []
    for (const value of ['before', mark, 'after'])
      offsets.push((await harness.produce(topic, batch([{ value, timestamp: startTime }]), 1)).baseOffset)
    return offsets[1] as number
  }

  it.each([
    ['its value', valueAt],
    ['its checksum', crcAt],
    ['its number of records', countAt],
  ])('names a batch that is damaged (%s), and takes it over as it is, and all others', async (_what, at) => {
    const offset = await fillAround('MARK')
    spoil(join(folder, file), 'MARK', at - valueAt)
    const { damaged } = await convertFolder(folder)
    const message = expect.stringMatching(/says checksum 0x[0-9a-f]{8}, but its bytes have 0x/) as string
    expect(damaged).toEqual([{ file, topic, partition: 1, offset, message }])
    await using transport = embedded(folder)
    const harness = new Harness(transport, 'converted')
    expect(await harness.values(topic, offset + 1, { partition: 1 })).toEqual(['after'])
    expect((await harness.offsetFor(topic, -1, 1)).offset).toBe(offset + 2)
  })

  it.each([
    ['its offset', baseOffsetAt, /it says that it begins at offset \d{4}/],
    ['its length', lengthAt, /(or the one before it, is damaged.*magic|cut off)/],
  ])('is not converted where others would be lost, as a batch lies about %s', async (_what, at, why) => {
    const offset = await fillAround('MARK')
    const before = await asked()
    spoil(join(folder, file), 'MARK', at - valueAt)
    const refused = expect(convertFolder(folder)).rejects
    await refused.toThrow(
      new RegExp(`topic '${topic}' partition 1, the batch at offset (${offset}|${offset + 1}).* ${why.source}`),
    )
    expect(existsSync(join(folder, 'journal'))).toBe(false)
    spoil(join(folder, file), 'MARK', at - valueAt)
    expect((await convertFolder(folder)).damaged).toEqual([])
    expect(await asked()).toEqual(before)
  })

  it('is not converted while somebody has it', async () => {
    await fill(storage)
    await using transport = embedded(folder)
    await transport.open()
    await expect(convertFolder(folder)).rejects.toThrow('is in use by process')
    expect(existsSync(join(folder, 'journal'))).toBe(false)
  })
})

describe('a file of LMDB that would end the process', () => {
  const whole = (): Buffer => readFileSync(join(folder, 'data.mdb'))
  it.each<[what: string, byte: RegExp, made: () => Buffer]>([
    ['empty', /at byte 0: no page of LMDB/, () => Buffer.alloc(0)],
    ['something else', /at byte 0: no page of LMDB/, () => Buffer.alloc(100_000, 'something else')],
    ['zeros at its beginning', /at byte 0: no page of LMDB/, () => whole().fill(0, 0, 8192)],
    ['zeros in its second page', /at byte 4096: no page of LMDB/, () => whole().fill(0, 4096, 8192)],
    ['another length of pages', /at byte 48: no page has \d+ bytes/, () => whole().fill(0xff, 48, 52)],
    ['cut off in its first page', /no page of LMDB begins there/, () => whole().subarray(0, 3000)],
    [
      'half of it',
      /at byte \d+: it ends there, and has been \d+ bytes long/,
      () => whole().subarray(0, whole().length / 2),
    ],
    [
      'all but a tenth',
      /at byte \d+: it ends there, and has been \d+ bytes long/,
      () => whole().subarray(0, whole().length * 0.9),
    ],
  ])('is told, and left as it is: %s', async (_what, message, made) => {
    await fill('lmdb')
    const sound = whole()
    const before = await asked()
    const bad = made()
    writeFileSync(join(folder, 'data.mdb'), bad)
    await expect(convertFolder(folder)).rejects.toMatchObject({ code: 'STORAGE', outcome: 'failed', retriable: false })
    await expect(convertFolder(folder)).rejects.toThrow(message)
    await expect(asked()).rejects.toThrow('the file data.mdb in')
    expect(whole().equals(bad)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.startsWith('journal'))).toEqual([])
    writeFileSync(join(folder, 'data.mdb'), sound)
    await convertFolder(folder)
    expect(await asked()).toEqual(before)
  })
})

it('says that a folder has nothing to convert', async () => {
  await expect(convertFolder(folder)).rejects.toThrow(`the folder ${folder} has nothing that could be converted`)
})
