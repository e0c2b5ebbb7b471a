import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { describeGroups, describeProducers, describeTransactions, offsetFetch, seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import type { StreamsEvents } from '@kafkado/streams'
import { batch, Harness, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askedState } from '../../packages/broker/test/asked-state.ts'
import { until } from '../passing-time.ts'
import { closedMs, memberOptions, numberedProducer, timestamps, writtenMs } from './engine-content.ts'
import { fileOf, filesOf, versions } from './kept-folders.ts'
import { unpackFolder } from './packed-folder.ts'
import { after, before, run } from './streams-content.ts'

type RestoreProgress = StreamsEvents['restore']

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-upgrade-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/**
 * The folders of engines, by the storage that each version could make: a file of each, beside what the engine answered.
 */
const engines = await Promise.all(
  versions.map(async (version) => {
    const files = await filesOf(version)
    const answered = files.filter((file) => file.endsWith('.asked'))
    return answered.map((file) => ({ version, storage: file.slice(0, -'.asked'.length) }))
  }),
)

it('there are folders of every storage that was ever the one of new folders', () => {
  const storages = new Set(engines.flat().map(({ storage }) => storage))
  expect([...storages].sort()).toEqual(['journal', 'killed-journal', 'lmdb', 'sqlite'])
})

describe.each(engines.flat())('a folder that $version wrote with $storage', ({ version, storage }) => {
  let clock: ManualClock
  let engine: EmbeddedTransport
  let harness: Harness

  const open = async (): Promise<void> => {
    engine = embedded(folder, { runtime: { clock, random: seededRandom(2) } })
    harness = new Harness(engine, 'later')
    await engine.open()
  }

  beforeEach(async () => {
    await unpackFolder(await fileOf(version, `${storage}.folder`), folder)
    clock = new ManualClock(closedMs)
    await open()
  })

  afterEach(() => engine.close())

  const reopen = async (): Promise<void> => {
    await engine.close()
    await open()
  }

  const asked = async (): Promise<unknown> => JSON.parse(JSON.stringify(await askedState(engine, timestamps)))

  const producerOf = async (transactionalId: string): Promise<TestProducer> => {
    const known = await engine.send(describeTransactions, { transactionalIds: [transactionalId] })
    const { producerId = -1, producerEpoch = -1 } = known.transactionStates[0] ?? {}
    return Object.assign(new TestProducer(harness, transactionalId), { producerId, producerEpoch })
  }

  const committedOffset = async (groupId: string, topic: string): Promise<number | undefined> => {
    const topics = [{ topic, partitions: [0] }]
    const answer = await engine.send(offsetFetch, {
      groupId,
      memberId: null,
      memberEpoch: -1,
      topics,
      requireStable: true,
    })
    return answer.topics[0]?.partitions[0]?.committedOffset
  }

  it('answers everything as the engine did that wrote it, also when it is opened again', async () => {
    const kept: unknown = JSON.parse(brotliDecompressSync(await fileOf(version, `${storage}.asked`)).toString())
    expect(await asked()).toEqual(kept)
    await reopen()
    expect(await asked()).toEqual(kept)
  })

  it('knows the batches of its producers, and which comes next', async () => {
    const { topics } = await engine.send(describeProducers, { topics: [{ topic: 'numbers', partitions: [0] }] })
    const { producerId = -1, producerEpoch = -1 } = topics[0]?.partitions[0]?.activeProducers[0] ?? {}
    const { first, second } = numberedProducer
    const send = (values: string[], baseSequence: number) => {
      const records = values.map((value) => ({ value }))
      return harness.produce('numbers', batch(records, { producerId, producerEpoch, baseSequence }))
    }
    expect(await send(first, 0)).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(await send(second, 2)).toMatchObject({ errorCode: 0, baseOffset: 2 })
    expect(await send(['n3'], 3)).toMatchObject({ errorCode: 0, baseOffset: 3 })
    expect(await harness.values('numbers')).toEqual(['n0', 'n1', 'n2', 'n3'])
    expect((await harness.producerId()).producerId).toBeGreaterThan(producerId)
  })

  it('commits the transaction that was open, with its offsets', async () => {
    expect(await harness.committed('money')).toEqual(['kept'])
    const producer = await producerOf('open')
    await producer.end(true)
    expect(await harness.committed('money')).toEqual(['kept', 'undecided', 'after the open one'])
    expect(await committedOffset('payers', 'orders')).toBe(7)
    await producer.send('money', ['of the next'])
    await producer.end(true)
    await reopen()
    expect(await harness.committed('money', 4)).toEqual(['undecided', 'after the open one', 'of the next'])
  })

  it('aborts the transaction that was open when what was left of its time is over', async () => {
    clock.advance('500s')
    expect(await harness.committed('money')).toEqual(['kept'])
    clock.advance('40s')
    await until(async () => (await harness.committed('money')).length === 2)
    expect(await harness.committed('money')).toEqual(['kept', 'after the open one'])
    expect(await committedOffset('payers', 'orders')).toBe(3)
  })

  it('goes on with the members of its groups, at their epochs', async () => {
    const { groups } = await engine.send(describeGroups, { groupIds: ['readers'] })
    const partitions: number[] = []
    for (const options of memberOptions) {
      const member = new TestMember(harness, 'readers', ['orders'], options)
      const known = groups[0]?.members.find(({ memberId }) => memberId === options.memberId)
      member.epoch = known?.memberEpoch ?? -1
      // It says what it owns, and is told when that is wrong.
      member.owned = (known?.assignment ?? []).map(({ topic, partitions: owned }) => ({ topic, partitions: owned }))
      expect(await member.beat()).toMatchObject({ memberEpoch: known?.memberEpoch, assignment: null })
      partitions.push(...member.partitions)
    }
    expect(new Set(partitions)).toEqual(new Set([0, 1, 2]))
    expect(partitions).toHaveLength(3)
    clock.advance('60s')
    const { groups: later } = await engine.send(describeGroups, { groupIds: ['readers'] })
    expect(later[0]).toMatchObject({ groupState: 'Empty', groupEpoch: (groups[0]?.groupEpoch ?? 0) + 2 })
  })

  it('goes on cleaning where it was, and removes a tombstone when its wait is over', async () => {
    expect(await harness.values('keys')).toEqual(['stays', null, 'new', 'last'])
    await harness.produce('keys', batch([{ key: 'b', value: 'moved' }]))
    await harness.produce('keys', batch([{ key: 'end', value: 'last' }]))
    clock.advance('60s')
    await until(async () => (await harness.values('keys')).join() === ',new,last,moved,last')
    // It cleans every minute when there is something to clean, unless it still does.
    const withoutTombstone = async (): Promise<boolean> => {
      await harness.produce('keys', batch([{ key: 'end', value: 'last' }]))
      return !(await harness.values('keys')).includes(null)
    }
    await until(withoutTombstone, clock, 60_000)
    const waitEndsMs = writtenMs + 660_000
    expect(clock.now()).toBeGreaterThanOrEqual(waitEndsMs)
    await reopen()
    expect(new Set(await harness.values('keys'))).toEqual(new Set(['new', 'moved', 'last']))
  })

  it('makes topics and partitions that have nothing of those before', async () => {
    expect(await harness.values('gone')).toEqual([])
    await harness.produceEach('gone', 'back')
    await harness.produceEach('short', 'e')
    await reopen()
    expect(await harness.values('gone')).toEqual(['back'])
    expect(await harness.values('short', 2)).toEqual(['c', 'd', 'e'])
  })
})

describe.each(versions)('an application whose state %s wrote', (version) => {
  let restored: RestoreProgress[]
  const note = (progress: unknown): void => void restored.push(progress as RestoreProgress)

  beforeEach(() => {
    restored = []
    subscribe('kafkado:streams:restore', note)
  })

  afterEach(() => unsubscribe('kafkado:streams:restore', note))

  it('goes on with its counts, windows and joins', async () => {
    await unpackFolder(await fileOf(version, 'streams.folder'), folder)
    const written = await readdir(join(folder, 'state'), { recursive: true })
    const kafka = new KafkaClient(embedded(join(folder, 'data'), { cleanupInterval: '365d' }))
    const expected = [...before.results, ...after.results]
    const results = await run(kafka, join(folder, 'state'), after, expected.length)
    expect(results.slice(0, before.results.length).sort()).toEqual([...before.results].sort())
    expect(results.slice(before.results.length).sort()).toEqual([...after.results].sort())
    // State of a journal is there, and only the marker of the last transaction behind it is read; what LMDB had comes
    // anew from the changelogs.
    const isJournal = written.some((name) => name.endsWith('.state'))
    expect(restored.length).toBeGreaterThan(0)
    expect(restored.some(({ total }) => total > 1)).toBe(!isJournal)
    await kafka.close()
  })
})
