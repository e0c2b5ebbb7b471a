import { createTopic } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import {
  codeOf,
  consumerGroupHeartbeat,
  fetch,
  initProducerId,
  intercept,
  type Interceptor,
  type KafkaErrorName,
  metadata,
  offsetCommit,
  StorageError,
  type Transport,
  txnOffsetCommit,
} from '@kafkado/core'
import type { OffsetCommitRequest } from '@kafkado/core/protocol'
import { createProducer } from '@kafkado/producer'
import { describe, expect, it } from 'vitest'
import { History } from '../history/history.ts'
import type { HistoryEvent } from '../history/history-event.ts'
import { EngineWitness } from './engine-witness.ts'
import { readGroups } from './final-logs.ts'
import { LogDirectory } from './log-directory.ts'

function witness() {
  const history = new History(() => 0)
  return {
    history,
    witness: new EngineWitness(history, new LogDirectory(history, () => 0), { sessionTimeoutMs: 45_000 }),
  }
}

const topic = 'orders'
const committing: OffsetCommitRequest = {
  groupId: 'g',
  memberId: '',
  memberEpoch: -1,
  groupInstanceId: null,
  topics: [
    {
      topic,
      topicId: null,
      partitions: [0, 1].map((partition) => ({
        partition,
        committedOffset: 5 + partition,
        committedLeaderEpoch: -1,
        committedMetadata: null,
      })),
    },
  ],
}

/** Everything that the witness waits for, once. */
async function askAll(transport: Transport, topicId: string | null): Promise<void> {
  const producer = createProducer(transport, topic)
  await producer.send({ value: 'a', partition: 0 })
  await producer.close()
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }]
  const reading = { maxWaitMs: 0, minBytes: 0, maxBytes: 1000, isolationLevel: 'read_committed' } as const
  await transport.send(fetch, { ...reading, topics: [{ topic, topicId, partitions }] })
  await transport.send(offsetCommit, committing)
  const heartbeat = {
    groupId: 'members',
    memberId: 'm',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 1000,
    subscribedTopicNames: [topic],
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: [],
  }
  await transport.send(consumerGroupHeartbeat, heartbeat)
  const transaction = { transactionalId: 't', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
  const { producerId, producerEpoch } = await transport.send(initProducerId, transaction)
  const { groupInstanceId, topics } = committing
  const group = { groupId: 'h', memberId: '', generationId: -1, groupInstanceId }
  await transport.send(txnOffsetCommit, { transactionalId: 't', producerId, producerEpoch, ...group, topics })
}

describe('what the witness tells of answers', () => {
  it('is told with the time at which they were asked for, as they may overtake one another', async () => {
    const { history, witness: told } = witness()
    const engine = memory()
    await createTopic(engine, topic, { partitions: 2 })
    const { topics } = await engine.send(metadata, { topics: [topic], allowAutoTopicCreation: false })
    const asked: number[] = []
    // Something else happens before each answer.
    const busy: Interceptor = (next) => (operation, request, options) => {
      asked.push(history.events.length)
      history.add('world', { type: 'note', text: operation.name })
      return next(operation, request, options)
    }
    await askAll(intercept(engine, told.interceptor, busy), topics[0]?.topicId ?? null)
    const seen = await readGroups(intercept(engine, busy), () => history.events.length)
    for (const event of seen) history.add('world', event)
    await engine.close()

    const answers = history.events.filter(({ type }) => type !== 'note')
    expect(new Set(answers.map(({ type }) => type))).toEqual(
      new Set(['producer-id', 'batch-answered', 'watermarks', 'commit-taken', 'heartbeat', 'group-seen', 'committed']),
    )
    for (const event of answers) expect(asked, event.type).toContain((event as { since?: number }).since)
  })
})

/** A commit of two partitions arrives at an engine that answers so. */
async function commitWith(
  answer: (request: OffsetCommitRequest) => Promise<unknown>,
): Promise<{ readonly events: readonly HistoryEvent[]; readonly crash: () => void }> {
  const { history, witness: told } = witness()
  const engine = { send: (_: unknown, request: OffsetCommitRequest) => answer(request) } as unknown as Transport
  const committed = intercept(engine, told.interceptor).send(offsetCommit, committing)
  await Promise.race([committed.catch(() => undefined), new Promise((resolve) => setImmediate(resolve))])
  return { events: history.events, crash: () => told.crashed() }
}

const answered = (...names: readonly KafkaErrorName[]) => ({
  throttleTimeMs: 0,
  topics: [{ topic, partitions: names.map((name, partition) => ({ partition, errorCode: codeOf(name) })) }],
})
const taken = (...offsets: readonly number[]) => offsets.map((offset) => ({ topic, partition: offset - 5, offset }))

describe('a commit that the engine does not come to an end with', () => {
  it('may be taken where the storage fails with it', async () => {
    const { events } = await commitWith(() =>
      Promise.reject(new StorageError('the disk has failed', { outcome: 'unknown' })),
    )
    expect(events).toMatchObject([{ type: 'commit-unsettled', group: 'g', offsets: taken(5, 6) }])
  })

  it('may be taken for the partitions alone whose answers say so', async () => {
    const { events } = await commitWith(() => Promise.resolve(answered('NONE', 'REQUEST_TIMED_OUT')))
    expect(events).toMatchObject([
      { type: 'commit-taken', since: 0, offsets: taken(5) },
      { type: 'commit-unsettled', offsets: taken(6) },
    ])
  })

  it('is not taken where it is refused', async () => {
    const refused = await commitWith(() => Promise.reject(new StorageError('the disk is full', { outcome: 'failed' })))
    expect(refused.events).toEqual([])
    const codes = await commitWith(() => Promise.resolve(answered('STALE_MEMBER_EPOCH', 'UNKNOWN_TOPIC_OR_PARTITION')))
    expect(codes.events).toEqual([])
  })

  it('may be taken where the process dies meanwhile, whatever is answered after that', async () => {
    const waiting: ((answer: unknown) => void)[] = []
    const { events, crash } = await commitWith(() => new Promise((resolve) => waiting.push(resolve)))
    expect(events).toEqual([])
    crash()
    const unsettled = [{ type: 'commit-unsettled', group: 'g', offsets: taken(5, 6) }]
    expect(events).toMatchObject(unsettled)
    for (const resolve of waiting) resolve(answered('NONE', 'NONE'))
    await new Promise((settled) => setImmediate(settled))
    expect(events).toMatchObject(unsettled)
  })

  it('is not under way any more once it is answered', async () => {
    const { events, crash } = await commitWith(() => Promise.resolve(answered('NONE', 'NONE')))
    crash()
    expect(events.map(({ type }) => type)).toEqual(['commit-taken'])
  })
})
