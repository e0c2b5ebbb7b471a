import * as operations from '@kafkado/core'
import { type AnyOperation, seededRandom, StorageError } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { engineSettings } from '../../../packages/broker/src/settings/engine-options.ts'
import { EmbeddedTransport } from '../../../packages/broker/src/embedded-transport.ts'
import { MemoryStorage } from '../../../packages/broker/src/storage/memory-storage.ts'
import type { MetadataKind, MetadataRecord } from '../../../packages/broker/src/storage/metadata-record.ts'
import type { StorageChanges } from '../../../packages/broker/src/storage/storage.ts'
import { batchOf } from '../batches.ts'
import { changeJson } from '../json-change.ts'
import { decoded, expect, refusal, type Target } from '../target.ts'

type Stored = [kind: string, path: unknown, value: unknown]

/** What was kept before, as a disk gives it back: texts that may have been damaged. */
class StoredMetadata extends MemoryStorage {
  readonly #records: readonly Stored[]

  constructor(records: readonly Stored[]) {
    super()
    this.#records = records
  }

  override readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    return this.#records.filter(([own]) => own === kind).map(([, path, value]) => ({ kind, path, value }) as never)
  }
}

class Recording extends MemoryStorage {
  readonly stored = new Map<string, Stored>()

  override commit(changes: StorageChanges): Promise<void> {
    for (const { kind, path, value } of changes.records)
      this.stored.set(JSON.stringify([kind, path]), [kind, path, value])
    return super.commit(changes)
  }
}

const runtime = (): operations.Runtime => ({ clock: new ManualClock(), random: seededRandom(4) })
const heartbeat = {
  groupId: 'g',
  memberId: 'm',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 1000,
  subscribedTopicNames: ['t'],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}
const records = (): Uint8Array =>
  batchOf({ producerId: 1000, producerEpoch: 0, baseSequence: 0, isTransactional: true }, 2)
const commits = [
  { topic: 't', partitions: [{ partition: 0, committedOffset: 1, committedLeaderEpoch: 0, committedMetadata: null }] },
]

/** A state in which there is one of everything. */
async function wholeState(): Promise<Stored[]> {
  const storage = new Recording()
  const engine = new EmbeddedTransport(() => storage, engineSettings({ runtime: runtime() }))
  const send = (operation: AnyOperation, request: object): Promise<unknown> => engine.send(operation, request)
  const configs = [{ name: 'cleanup.policy', value: 'compact' }]
  const topics = [{ topic: 't', numPartitions: 2, replicationFactor: -1, configs }]
  await send(operations.createTopics, { topics, timeoutMs: 1000, validateOnly: false })
  await send(operations.consumerGroupHeartbeat, heartbeat)
  const group = { groupId: 'h', memberId: '', memberEpoch: -1, groupInstanceId: null }
  await send(operations.offsetCommit, { ...group, topics: commits })
  const transactional = { transactionalId: 'tx', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
  const { producerId, producerEpoch } = (await send(operations.initProducerId, transactional)) as {
    producerId: number
    producerEpoch: number
  }
  const producer = { transactionalId: 'tx', producerId, producerEpoch }
  await send(operations.addPartitionsToTxn, { ...producer, topics: [{ topic: 't', partitions: [0] }] })
  await send(operations.addOffsetsToTxn, { ...producer, groupId: 'h' })
  await send(operations.txnOffsetCommit, { ...producer, ...group, generationId: -1, topics: commits })
  const produced = batchOf({ producerId, producerEpoch, baseSequence: 0, isTransactional: true }, 2)
  const partitions = [{ partition: 0, records: produced }]
  await send(operations.produce, {
    transactionalId: 'tx',
    acks: -1,
    timeoutMs: 1000,
    topics: [{ topic: 't', partitions }],
  })
  await send(operations.endTxn, { ...producer, committed: false })
  await engine.close()
  return [
    ...storage.stored.values(),
    ['cleaner', [1], { cleanedOffset: 1, rewritten: { baseOffset: 1, position: 20, bytes: 10 }, passes: [[1, 5]] }],
    ['trim', [77], { beforeOffset: 5 }],
    [
      'pendingOffset',
      ['h', 't', 0, producerId],
      { committedOffset: 1, committedLeaderEpoch: 0, metadata: null, commitTimestampMs: 1, order: 9 },
    ],
  ]
}

const seed = new TextEncoder().encode(JSON.stringify(await wholeState()))
const decoder = new TextDecoder()

const asked: readonly [AnyOperation, object][] = [
  [operations.metadata, { topics: null, allowAutoTopicCreation: false }],
  [operations.describeGroups, { groupIds: ['g', 'h'] }],
  [operations.offsetFetch, { groupId: 'h', memberId: null, memberEpoch: -1, requireStable: false, topics: null }],
  [operations.describeTransactions, { transactionalIds: ['tx'] }],
  [operations.consumerGroupHeartbeat, { ...heartbeat, memberId: 'n' }],
  [
    operations.produce,
    {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topics: [{ topic: 't', partitions: [{ partition: 0, records: records() }] }],
    },
  ],
]

/** What an engine finds when it opens: it works with it, or says which record is damaged. */
export const storedState: Target = {
  name: 'stored-state',
  sources: [
    'broker/src/storage/',
    'broker/src/topic/topic-registry',
    'broker/src/group/',
    'broker/src/transaction/',
    'broker/src/log/producer-state',
  ],
  seeds: [seed],
  change: changeJson,
  async run(input) {
    const stored = decoded(() => listOf(input))
    if (!Array.isArray(stored)) return
    const engine = new EmbeddedTransport(() => new StoredMetadata(stored), engineSettings({ runtime: runtime() }))
    try {
      await engine.open()
    } catch (error) {
      refusal(error)
      expect(StorageError.is(error), `it is no StorageError: ${String(error)}`)
      return
    }
    for (const [operation, request] of asked) {
      try {
        await engine.send(operation, request)
      } catch (error) {
        refusal(error)
      }
    }
    await engine.close()
  },
}

function listOf(input: Uint8Array): Stored[] | undefined {
  try {
    const list: unknown = JSON.parse(decoder.decode(input))
    return Array.isArray(list) ? list.filter((one): one is Stored => Array.isArray(one) && one.length === 3) : undefined
  } catch {
    return undefined
  }
}
