import {
  createTopics,
  deleteRecords,
  deleteTopics,
  incrementalAlterConfigs,
  offsetCommit,
  type Transport,
} from '@kafkado/core'
import { type ManualClock, RecordBatchBuilder } from '@kafkado/core/internal'
import { batch, Harness, startTime, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { until } from '../passing-time.ts'

/** When the folders were written, by the clock of their engine; and when it was closed. */
export const writtenMs = startTime
export const closedMs = startTime + 61_000

/** Records are looked for by these times. */
export const timestamps = [startTime, startTime + 5, startTime + 40, startTime + 10_000]

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** Numbers are written by it in two batches. */
export const numberedProducer = { first: ['n0', 'n1'], second: ['n2'] }

/** Fills an engine with one of everything that a folder can hold. */
export async function fillEngine(transport: Transport, clock: ManualClock): Promise<void> {
  const harness = new Harness(transport, 'upgrade')
  await createAll(transport)
  for (const [index, compression] of codecs.entries()) {
    const records = [0, 1, 2].map((number) => ({
      timestamp: startTime + index * 10 + number,
      key: `${compression}-${number}`,
      value: `${compression} ${'value '.repeat(number)}`,
      headers: [['codec', new TextEncoder().encode(compression)] as const],
    }))
    const builder = new RecordBatchBuilder()
    for (const record of records) builder.append(record)
    await harness.produce('orders', await builder.build({ compression }))
  }
  // More than an entry of the index apart.
  for (let number = 0; number < 4; number++)
    await harness.produce('orders', batch([{ value: `${number}`.repeat(50_000) }]), 1)
  const plain = await harness.producerId()
  const { first, second } = numberedProducer
  const numbered = (values: string[], baseSequence: number): Promise<unknown> =>
    harness.produce(
      'numbers',
      batch(
        values.map((value) => ({ value })),
        { ...plain, baseSequence },
      ),
    )
  await numbered(first, 0)
  await numbered(second, first.length)
  await fillTransactions(harness)
  await harness.produceEach('short', 'a', 'b', 'c', 'd')
  const partitions = [{ partition: 0, offset: 2 }]
  await transport.send(deleteRecords, { timeoutMs: 1000, topics: [{ topic: 'short', partitions }] })
  await harness.produceEach('gone', 'a')
  await transport.send(deleteTopics, { timeoutMs: 1000, topics: ['gone'] })
  await compact(harness, clock)
  await fillGroups(harness)
}

async function createAll(transport: Transport): Promise<void> {
  const compacted = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0', 'delete.retention.ms': '600000' }
  const wanted: Record<string, readonly [numPartitions: number, configs: Record<string, string>]> = {
    orders: [3, { 'retention.ms': '-1', 'max.message.bytes': '200000' }],
    numbers: [1, {}],
    money: [2, {}],
    keys: [1, compacted],
    short: [1, {}],
    gone: [1, {}],
  }
  const topics = Object.entries(wanted).map(([topic, [numPartitions, configs]]) => ({
    topic,
    numPartitions,
    replicationFactor: -1,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }))
  await transport.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  const configs = [{ name: 'segment.bytes', configOperation: 'set' as const, value: '1000000' }]
  const resources = [{ resourceType: 'topic' as const, resourceName: 'numbers', configs }]
  await transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
}

/** One that was committed, one that was aborted, and one that is open, with offsets. */
async function fillTransactions(harness: Harness): Promise<void> {
  const [ended, aborted, open] = ['ended', 'aborted', 'open'].map((id) => new TestProducer(harness, id)) as [
    TestProducer,
    TestProducer,
    TestProducer,
  ]
  for (const producer of [ended, aborted, open]) await producer.init({ transactionTimeoutMs: 600_000 })
  await ended.send('money', ['kept'])
  await ended.commitOffset('payers', 'orders', 3)
  await ended.end(true)
  await aborted.send('money', ['dropped'])
  await aborted.send('money', ['dropped as well'], 1)
  await aborted.end(false)
  await open.send('money', ['undecided'])
  await open.commitOffset('payers', 'orders', 7)
  await harness.produceEach('money', 'after the open one')
}

/** A group with two members, and one of which there are nothing but offsets. */
async function fillGroups(harness: Harness): Promise<void> {
  const members = memberOptions.map((options) => new TestMember(harness, 'readers', ['orders'], options))
  for (let round = 0; round < 4; round++) for (const member of members) await member.beat()
  const commit = (groupId: string, topic: string, committedOffset: number, memberId = '', memberEpoch = -1) => {
    const offset = { committedLeaderEpoch: 0, committedMetadata: `of ${groupId}` }
    const partitions = [0, 1].map((partition) => ({
      partition,
      committedOffset: committedOffset + partition,
      ...offset,
    }))
    const topics = [{ topic, partitions }]
    return harness.transport.send(offsetCommit, { groupId, memberId, memberEpoch, groupInstanceId: null, topics })
  }
  await commit('readers', 'orders', 2, members[0]?.memberId, members[0]?.epoch)
  await commit('lonely', 'money', 1)
}

export const memberOptions = [
  { memberId: 'one', instanceId: 'steady', rackId: 'rack' },
  { memberId: 'two', serverAssignor: 'range' },
]

/** Values that others replace go with the first cleaning, while a tombstone waits. */
async function compact(harness: Harness, clock: ManualClock): Promise<void> {
  const write = (...pairs: (readonly [string, string | null])[]): Promise<unknown> =>
    harness.produce('keys', batch(pairs.map(([key, value]) => ({ key, value }))))
  await write(['a', 'old'], ['b', 'stays'])
  await write(['c', null])
  await write(['a', 'new'])
  await write(['end', 'last'])
  clock.advance('60s')
  await until(async () => (await harness.values('keys')).join() === 'stays,,new,last')
  clock.advance('1s')
}
