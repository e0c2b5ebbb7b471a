import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded } from '@kafkado/broker'
import { backupFolder, compactFolder, restoreFolder, verifyFolder } from '@kafkado/broker/disk'
import { deleteRecords, deleteTopics, offsetCommit, offsetFetch } from '@kafkado/core'
import { batch, Harness, TestProducer } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, expect, it } from 'vitest'

let place = ''
let folder = ''
let backup = ''
let restored = ''
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kafkado-backup-'))
  folder = join(place, 'data')
  backup = join(place, 'backup')
  restored = join(place, 'restored')
})
afterEach(() => rm(place, { recursive: true }))

const open = (path: string) => embedded(path, { storage: 'journal' })

it('copies a folder while records are written, with all that was acknowledged before, and restores it', async () => {
  await using engine = open(folder)
  const harness = new Harness(engine, 'backup')
  const topic = await harness.topic()
  await harness.produceEach(topic, 'one', 'two')
  const committed = { partition: 0, committedOffset: 2, committedLeaderEpoch: -1, committedMetadata: 'größe' }
  const topics = [{ topic, partitions: [committed] }]
  await engine.send(offsetCommit, {
    groupId: 'readers',
    memberId: '',
    memberEpoch: -1,
    groupInstanceId: null,
    topics,
  })
  const teller = await new TestProducer(harness, 'teller').init()
  await teller.send(topic, ['left open'])
  let [isOver, acknowledged] = [false, 0]
  const writing = (async () => {
    while (!isOver) {
      await harness.produce(topic, batch([{ value: `${acknowledged}:${'x'.repeat(500)}` }]))
      acknowledged++
    }
    return acknowledged
  })()
  while (acknowledged < 20) await new Promise((next) => setImmediate(next))
  const before = acknowledged
  const size = await backupFolder(folder, backup)
  isOver = true
  const written = await writing
  expect(size).toMatchObject({ topics: 1, partitions: 1, damaged: [] })
  expect(await restoreFolder(backup, restored)).toMatchObject({ batches: size.batches, bytes: size.bytes })
  await engine.close()

  await using again = open(restored)
  const reader = new Harness(again, 'restored')
  const numbers = (await reader.values(topic)).slice(3).map((value) => Number(value?.split(':')[0]))
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index))
  expect(numbers.length).toBeGreaterThanOrEqual(before)
  expect(numbers.length).toBeLessThanOrEqual(written)
  const wanted = { groupId: 'readers', memberId: null, memberEpoch: -1, requireStable: false }
  const offsets = await again.send(offsetFetch, { ...wanted, topics: [{ topic, partitions: [0] }] })
  expect(offsets.topics[0]?.partitions).toMatchObject([{ committedOffset: 2, metadata: 'größe' }])
  // Its transaction is still open, and ends as it would have.
  expect(await reader.committed(topic, 0)).toEqual(['one', 'two'])
  await new TestProducer(reader, 'teller').init()
  expect(await reader.committed(topic, 0)).toHaveLength(2 + numbers.length)
})

async function make(values: readonly string[]): Promise<string> {
  await using engine = open(folder)
  const harness = new Harness(engine, 'backup')
  const topic = await harness.topic()
  for (const value of values) await harness.produce(topic, batch([{ value }]))
  await engine.close()
  return topic
}

it('restores nothing of a backup that is damaged or not whole, and says why', async () => {
  await make(['one', 'MARK', 'three'])
  await backupFolder(folder, backup)
  const file = join(backup, 'journal', '1.journal')
  const sound = await readFile(file)
  const damaged = Buffer.from(sound)
  damaged[damaged.indexOf('MARK')] = 0
  await writeFile(file, damaged)
  await expect(restoreFolder(backup, restored)).rejects.toThrow(
    /^the backup .* is damaged, and nothing was restored: topic '.*' partition 0 is not as it was$/,
  )
  expect((await readdir(restored)).filter((name) => name === 'journal')).toEqual([])
  await writeFile(file, sound)
  await rm(join(backup, 'backup.json'))
  await expect(restoreFolder(backup, restored)).rejects.toThrow('it is no backup, or one that was interrupted')
})

it('says what is damaged in the folder that it copies', async () => {
  const topic = await make(['one', 'MARK', 'three'])
  const file = join(folder, 'journal', '1.journal')
  const bytes = await readFile(file)
  bytes[bytes.indexOf('MARK')] = 0
  await writeFile(file, bytes)
  const { damaged } = await backupFolder(folder, backup)
  expect(damaged).toMatchObject([{ file: '1.journal', records: { topic, partition: 0, lastOffset: 1 } }])
  await restoreFolder(backup, restored)
  expect((await verifyFolder(restored)).damaged).toMatchObject(damaged)
})

it('writes to no place that has something, and reads from none that has no journal', async () => {
  await expect(backupFolder(folder, backup)).rejects.toThrow('holds nothing that an engine has kept')
  await make(['one'])
  await mkdir(backup)
  await writeFile(join(backup, 'mine.txt'), 'mine')
  await expect(backupFolder(folder, backup)).rejects.toThrow('is not empty; the backup needs a folder of its own')
  await rm(join(backup, 'mine.txt'))
  await backupFolder(folder, backup)
  await expect(restoreFolder(backup, folder)).rejects.toThrow('is not empty; what is restored needs')
  await expect(backupFolder(folder, backup)).rejects.toThrow('is not empty')
})

it('compacts a folder to what counts', async () => {
  const value = 'x'.repeat(100_000)
  const engine = open(folder)
  const harness = new Harness(engine, 'compact')
  const [kept, gone] = [await harness.topic(), await harness.topic()]
  // Of each file a bit more than half counts, so that an engine leaves it as it is.
  for (let index = 0; index < 400; index++) {
    await harness.produce(kept, batch([{ value }]))
    if (index % 3 > 0) await harness.produce(gone, batch([{ value }]))
  }
  await engine.send(deleteRecords, {
    timeoutMs: 1000,
    topics: [{ topic: kept, partitions: [{ partition: 0, offset: 10 }] }],
  })
  await engine.send(deleteTopics, { timeoutMs: 1000, topics: [gone] })
  await engine.close()
  const { bytesBefore, bytesAfter } = await compactFolder(folder)
  expect(bytesBefore).toBeGreaterThan(60_000_000)
  expect(bytesAfter).toBeLessThan(42_000_000)
  expect((await verifyFolder(folder)).damaged).toEqual([])
  await using again = open(folder)
  const reader = new Harness(again, 'compact')
  for (const offset of [10, 200, 399]) expect((await reader.values(kept, offset))[0] === value).toBe(true)
  expect((await reader.offsetFor(kept, -2)).offset).toBe(10)
  expect((await reader.offsetFor(kept, -1)).offset).toBe(400)
})
