import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
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

  it('is not converted while somebody has it', async () => {
    await fill(storage)
    await using transport = embedded(folder)
    await transport.open()
    await expect(convertFolder(folder)).rejects.toThrow('is in use by process')
    expect(existsSync(join(folder, 'journal'))).toBe(false)
  })
})

it('says that a folder has nothing to convert', async () => {
  await expect(convertFolder(folder)).rejects.toThrow(`the folder ${folder} has nothing that could be converted`)
})
