import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { JournalStorage, SqliteStorage } from '@kafkado/broker/disk'
import { LmdbStorage } from '@kafkado/broker/lmdb'
import { type Storage, withStorage } from '@kafkado/broker/storage'
import { createTopics, deleteRecords, offsetCommit, seededRandom } from '@kafkado/core'
import { batch, Harness, TestProducer } from '@kafkado/testing/conformance'
import { type Acknowledgement, groupId, partitionCount, topics, transactionalIds } from './acknowledgement.ts'

/**
 * A process that keeps an engine busy with everything that has to survive: batches of many sizes with many in flight,
 * transactions, offsets, a compacted topic, deletions. Writes down what it was told, when it was told.
 */
const [folder = '', kind = 'lmdb', rounds = '40', seed = '7'] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const place = join(folder, 'data')
/** So that files are begun, cleaned and removed often. */
const limits = { fileBytes: () => 200_000, minReclaimedBytes: 20_000, newRows: 200 }
const storages: Record<string, () => Storage> = {
  journal: () => new JournalStorage(place, { limits }),
  lmdb: () => new LmdbStorage(place, { minReclaimedBytes: 1 }),
  sqlite: () => new SqliteStorage(place),
}
const storage = (storages[kind] as () => Storage)()
const transport = withStorage(storage, { cleanupInterval: '20ms' })
const harness = new Harness(transport, 'workload')
const log = openSync(join(folder, 'acknowledged.log'), 'a')
const acknowledge = (told: Acknowledgement): void => void writeSync(log, `${JSON.stringify(told)}\n`)

/** The records of the suites have a time long ago. */
const forEver = [{ name: 'retention.ms', value: '-1' }]
const configs = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'min.cleanable.dirty.ratio', value: '0.2' },
]
await transport.send(createTopics, {
  timeoutMs: 1000,
  validateOnly: false,
  topics: [
    { topic: topics.numbers, numPartitions: partitionCount, replicationFactor: -1, configs: forEver },
    { topic: topics.ledger, numPartitions: partitionCount, replicationFactor: -1, configs: forEver },
    { topic: topics.state, numPartitions: 1, replicationFactor: -1, configs },
  ],
})

const identity = await harness.producerId()
const sequences = [0, 0, 0]
/** The last offset acknowledged in each partition. */
const told = [0, 0, 0]
let count = 0

async function record(): Promise<void> {
  const partition = count % partitionCount
  const baseSequence = sequences[partition]!++
  const value = `${count++}:${'x'.repeat(random.next() < 0.3 ? 20_000 : Math.floor(random.next() * 300))}`
  const answer = await harness.produce(topics.numbers, batch([{ value }], { ...identity, baseSequence }), partition)
  if (answer.errorCode !== 0) throw new Error(`${answer.errorMessage}`)
  told[partition] = Math.max(told[partition]!, answer.baseOffset)
  acknowledge({ kind: 'record', partition, offset: answer.baseOffset, value: value.slice(0, value.indexOf(':')) })
}

async function transaction(producer: TestProducer, name: string): Promise<void> {
  for (let partition = 0; partition < partitionCount; partition++)
    await producer.send(topics.ledger, [`${name}/${partition}`], partition)
  const committed = random.next() < 0.6
  await producer.end(committed)
  acknowledge({ kind: 'transaction', name, committed })
}

async function state(round: number): Promise<void> {
  const key = `key ${Math.floor(random.next() * 6)}`
  await harness.produce(topics.state, batch([{ key, value: `${round}` }]))
  acknowledge({ kind: 'key', key, value: round })
}

async function commitOffset(committedOffset: number): Promise<void> {
  const partitions = [{ partition: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: null }]
  await transport.send(offsetCommit, {
    groupId,
    memberId: '',
    memberEpoch: -1,
    groupInstanceId: null,
    topics: [{ topic: topics.numbers, partitions }],
  })
  acknowledge({ kind: 'offset', committedOffset })
}

async function remove(partition: number, offset: number): Promise<void> {
  const partitions = [{ partition, offset }]
  await transport.send(deleteRecords, { timeoutMs: 1000, topics: [{ topic: topics.numbers, partitions }] })
  acknowledge({ kind: 'deleted', partition, offset })
}

const tellers = await Promise.all(transactionalIds.map((id) => new TestProducer(harness, id).init()))
for (let round = 1; round <= Number(rounds); round++) {
  await Promise.all([
    ...Array.from({ length: 8 }, record),
    ...tellers.map((teller, index) => transaction(teller, `${round}-${index}`)),
    state(round),
    commitOffset(round),
    ...(round % 8 === 0 ? told.map((offset, partition) => remove(partition, offset)) : []),
  ])
}
await transport.close()
closeSync(log)
