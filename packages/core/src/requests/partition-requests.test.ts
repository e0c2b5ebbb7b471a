import { describe, expect, it } from 'vitest'
import { codeOf } from '../errors/error-codes.ts'
import { isKafkaError, type KafkaError, TopicNotFoundError } from '../errors/kafka-error.ts'
import type { AnyOperation } from '../protocol/index.ts'
import type { Transport } from '../transport/transport.ts'
import { commitOffsets, commitOffsetsInTransaction } from './commit-offsets.ts'
import { allCommittedOffsets, committedOffsets } from './committed-offsets.ts'
import { offsetsAt } from './offsets-at.ts'
import { allTopics, presentTopics } from './present-topics.ts'

type Asked = { readonly operation: string; readonly request: unknown; readonly options: unknown }

/** Answers the requests one after the other, and records them. */
function answering(...answers: unknown[]) {
  const asked: Asked[] = []
  const transport = {
    send: ({ name }: AnyOperation, request: unknown, options: unknown) => {
      asked.push({ operation: name, request, options })
      return Promise.resolve(answers[asked.length - 1])
    },
    close: () => Promise.resolve(),
  } as unknown as Transport
  return { transport, asked }
}

const refused = { errorCode: codeOf('NOT_LEADER_OR_FOLLOWER'), errorMessage: 'it moved' }
const fine = { errorCode: 0, errorMessage: null }

const partitions = [
  { topic: 'b', topicId: 'id-b', partition: 1 },
  { topic: 'a', topicId: 'id-a', partition: 0 },
  { topic: 'b', topicId: 'id-b', partition: 0 },
  { topic: 'b', topicId: 'id-b', partition: 7 },
]

/** One of `partitions` is refused, and the last gets no answer; the order differs from the request. */
const answersOfThem = <A extends object>(answer: (topic: string, partition: number) => A) => ({
  topics: [
    { topic: 'a', partitions: [{ partition: 0, ...answer('a', 0), ...refused }] },
    {
      topic: 'b',
      partitions: [
        { partition: 0, ...fine, ...answer('b', 0) },
        { partition: 1, ...fine, ...answer('b', 1) },
      ],
    },
  ],
})

const position = (_topic: string, partition: number) => ({ timestamp: -1, offset: 10 + partition })
const committed = (_topic: string, partition: number) => ({
  committedOffset: partition === 0 ? -1 : 5,
  committedLeaderEpoch: -1,
  metadata: null,
})
const member = { groupId: 'g', memberId: 'm', memberEpoch: 3, groupInstanceId: null }
const toCommit = partitions.map((one) => ({ ...one, offset: 4, other: 'is not sent' }))

/** Each asks for the four partitions above, and gets answers for three of them. */
const requests = {
  'where a position lies': async () => {
    const { transport, asked } = answering(answersOfThem(position))
    const query = { partitions, position: 'latest', isolationLevel: 'read_committed' } as const
    return { answers: await offsetsAt(transport, query, { timeoutMs: 9 }), asked, found: [11, 10] }
  },
  'what is committed': async () => {
    const { transport, asked } = answering(answersOfThem(committed))
    const query = { groupId: 'g', memberId: 'm', memberEpoch: 3, partitions, requireStable: true }
    return { answers: await committedOffsets(transport, query, { timeoutMs: 9 }), asked, found: [5, undefined] }
  },
  'to commit': async () => {
    const { transport, asked } = answering(answersOfThem(() => ({})))
    const refusals = await commitOffsets(transport, { ...member, offsets: toCommit }, { timeoutMs: 9 })
    return { answers: refusals.map(asAnswer), asked, found: [undefined, undefined] }
  },
  'to commit in a transaction': async () => {
    const { transport, asked } = answering(answersOfThem(() => ({})))
    const commit = { transactionalId: 't', producerId: 1, producerEpoch: 0, groupId: 'g', memberId: 'm' }
    const reader = { generationId: 3, groupInstanceId: null, offsets: toCommit }
    const refusals = await commitOffsetsInTransaction(transport, { ...commit, ...reader }, { timeoutMs: 9 })
    return { answers: refusals.map(asAnswer), asked, found: [undefined, undefined] }
  },
}

const asAnswer = (error: KafkaError | undefined) => (error ? { error } : { offset: undefined })
const errorOf = (answer: object | undefined): unknown => (answer && 'error' in answer ? answer.error : undefined)

describe.each(Object.entries(requests))('a request that asks %s', (_, ask) => {
  it('answers each partition by itself, in the order in which they were asked for', async () => {
    const { answers, found } = await ask()
    expect(answers).toHaveLength(4)
    expect([answers[0], answers[2]]).toEqual(found.map((offset) => ({ offset })))
    expect(isKafkaError(errorOf(answers[1]), 'NOT_LEADER_OR_FOLLOWER')).toBe(true)
    expect(String(errorOf(answers[1]))).toMatch(/'a'.*partition 0.*it moved/)
  })

  it('takes no answer about a partition for a refusal', async () => {
    const { answers } = await ask()
    expect(isKafkaError(errorOf(answers[3]), 'UNKNOWN_SERVER_ERROR')).toBe(true)
  })

  it('is one request, which names each topic once with its id, and keeps to the limits', async () => {
    const { asked } = await ask()
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ options: { timeoutMs: 9 } })
    const { topics } = (asked[0] as { request: unknown }).request as {
      topics: { topic: string; topicId: string; partitions: unknown[] }[]
    }
    expect(topics.map(({ topic, topicId, partitions: own }) => [topic, topicId, own.length])).toEqual([
      ['b', 'id-b', 3],
      ['a', 'id-a', 1],
    ])
    expect(JSON.stringify(topics)).not.toContain('is not sent')
  })
})

describe('a request of no partitions', () => {
  it.each([
    ['offsetsAt', (to: Transport) => offsetsAt(to, { ...none, position: 'latest', isolationLevel: 'read_committed' })],
    ['committedOffsets', (to: Transport) => committedOffsets(to, { ...none, ...nobody, requireStable: false })],
    ['presentTopics', (to: Transport) => presentTopics(to, [])],
  ])('%s is not sent', async (_name, ask) => {
    const { transport, asked } = answering()
    expect(await ask(transport)).toEqual([])
    expect(asked).toEqual([])
  })
})

const none = { partitions: [] }
const nobody = { groupId: 'g', memberId: '', memberEpoch: -1 }

describe('a position by time', () => {
  it('is the end where no record is as young, as it was before the time was looked for', async () => {
    const at = (offsets: readonly number[]) => ({
      topics: [{ topic: 'a', partitions: offsets.map((offset, partition) => ({ partition, ...fine, offset })) }],
    })
    const { transport, asked } = answering(at([8, 9]), at([3, -1]))
    const both = [0, 1].map((partition) => ({ topic: 'a', partition }))
    const query = { partitions: both, position: { timestamp: new Date(77) }, isolationLevel: 'read_committed' } as const
    expect(await offsetsAt(transport, query)).toEqual([{ offset: 3 }, { offset: 9 }])
    const asksFor = asked.map(({ request }) => (request as Request).topics[0]?.partitions[0]?.timestamp)
    expect(asksFor).toEqual([-1, 77])
  })

  type Request = { readonly topics: readonly { readonly partitions: readonly { readonly timestamp: number }[] }[] }
})

describe('what a group has committed', () => {
  it('is asked for as null by who is no member', async () => {
    const { transport, asked } = answering(answersOfThem(committed))
    await committedOffsets(transport, { ...nobody, partitions, requireStable: false })
    expect(asked[0]?.request).toMatchObject({ memberId: null, memberEpoch: -1 })
  })

  it('is all that there is, without what was never committed', async () => {
    const { transport } = answering({
      topics: [
        { topic: 'a', partitions: [0, 1].map((partition) => ({ partition, ...committed('a', partition), ...fine })) },
      ],
    })
    expect(await allCommittedOffsets(transport, 'g')).toEqual([{ topic: 'a', partition: 1, offset: 5, metadata: null }])
  })

  it('is not taken for nothing when it is refused', async () => {
    const { transport } = answering(answersOfThem(committed))
    await expect(allCommittedOffsets(transport, 'g')).rejects.toMatchObject({ kafkaName: 'NOT_LEADER_OR_FOLLOWER' })
  })
})

describe('topics as they are now', () => {
  const topicOf = (topic: string, errorCode = 0) => ({ topic, errorCode, errorMessage: null, partitions: [] })

  it('are answered in the order of their names, each with what is wrong with it, and asked for once', async () => {
    const denied = topicOf('secret', codeOf('TOPIC_AUTHORIZATION_FAILED'))
    const gone = topicOf('gone', codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    const { transport, asked } = answering({ topics: [denied, topicOf('empty'), gone] })
    const answers = await presentTopics(transport, ['gone', 'empty', 'unsaid', 'secret'], { timeoutMs: 9 })
    expect(answers[1]).toMatchObject({ topic: 'empty' })
    expect(TopicNotFoundError.is(errorOf(answers[0]))).toBe(true)
    expect(String(errorOf(answers[2]))).toContain("topic 'unsaid' does not exist")
    expect(isKafkaError(errorOf(answers[3]), 'TOPIC_AUTHORIZATION_FAILED')).toBe(true)
    expect(asked).toMatchObject([{ request: { allowAutoTopicCreation: false }, options: { timeoutMs: 9 } }])
  })

  it('are all that there are, without those about which something is wrong', async () => {
    const { transport, asked } = answering({ topics: [topicOf('a', codeOf('LEADER_NOT_AVAILABLE')), topicOf('b')] })
    expect((await allTopics(transport)).map(({ topic }) => topic)).toEqual(['b'])
    expect(asked[0]?.request).toEqual({ topics: null, allowAutoTopicCreation: false })
  })
})
