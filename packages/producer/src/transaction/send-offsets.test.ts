import { codeOf, type KafkaErrorName, MemberFencedError, RebalanceInProgressError, type Transport } from '@kafkado/core'
import { ManualClock, untilAnswered } from '@kafkado/core/internal'
import type { TxnOffsetCommitRequest } from '@kafkado/core/protocol'
import { describe, expect, it } from 'vitest'
import { sendOffsets } from './send-offsets.ts'

const unknown = ['UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION', 'INCONSISTENT_TOPIC_ID'] as const
const gone = unknown.map((name) => codeOf(name))

/**
 * Sends offsets to a group that gives these answers, one after the other. The member's epoch grows with each renewal.
 */
function send(answers: readonly KafkaErrorName[], member?: (asked: number) => void, topics = ['t']) {
  const clock = new ManualClock()
  const runtime = { clock, random: { next: () => 0.5, uuid: () => '' } }
  const epochs: number[] = []
  const sent: string[] = []
  let epoch = 1
  let asked = 0
  const transport = {
    send: (_operation: unknown, { generationId, topics }: TxnOffsetCommitRequest) => {
      epochs.push(generationId)
      sent.push(topics.map(({ topic }) => topic).join())
      const errorCode = codeOf(answers[epochs.length - 1] ?? 'NONE')
      // The first topic is refused, or all topics are.
      const isOfTopic = gone.includes(errorCode)
      const answered = topics.map(({ topic }, index) => ({
        topic,
        partitions: [{ partition: 0, errorCode: index > 0 && isOfTopic ? 0 : errorCode }],
      }))
      return Promise.resolve({ topics: answered })
    },
  } as unknown as Transport
  const reader = {
    groupId: 'g',
    groupInstanceId: null,
    member: () => {
      member?.(++asked)
      return { memberId: 'm', memberEpoch: epoch }
    },
    renewMember: () => {
      epoch++
      return Promise.resolve()
    },
    offsets: topics.map((topic) => ({ topic, partition: 0, offset: 5 })),
    onCommitted: () => undefined,
    onAborted: () => undefined,
  }
  const producer = { transactionalId: 'x', producerId: 1, producerEpoch: 0 }
  const outcome = sendOffsets(transport, producer, reader, (ask, isWorthwhile) =>
    untilAnswered('offsets', { runtime, timeoutMs: 10_000 }, ask, isWorthwhile),
  ).then(
    () => 'committed',
    (error: unknown) => error,
  )
  return { clock, epochs, sent, outcome }
}

describe('the offsets of a transaction', () => {
  it.each(['ILLEGAL_GENERATION', 'STALE_MEMBER_EPOCH'] as const)(
    'are sent again under the present epoch after %s',
    async (name) => {
      const { epochs, outcome } = send([name, name])
      expect(await outcome).toBe('committed')
      expect(epochs).toEqual([1, 2, 3])
    },
  )

  it.each(unknown)('are committed without a topic that is gone, once that was said twice: %s', async (name) => {
    const { clock, sent, outcome } = send([name, name], undefined, ['t', 'other'])
    await clock.advanceAsync('1s')
    expect(await outcome).toBe('committed')
    expect(sent).toEqual(['t,other', 't,other'])
    const alone = send([name, name, 'COORDINATOR_NOT_AVAILABLE'])
    await alone.clock.advanceAsync('1s')
    expect(await alone.outcome).toBe('committed')
    expect(alone.sent).toEqual(['t', 't'])
  })

  it.each(unknown)('are all committed where a broker had not heard of a topic yet: %s', async (name) => {
    const { clock, sent, outcome } = send([name, 'NONE'], undefined, ['t', 'other'])
    await clock.advanceAsync('1s')
    expect(await outcome).toBe('committed')
    expect(sent).toEqual(['t,other', 't,other'])
  })

  it('leave a topic that is gone out of what is sent again for another reason', async () => {
    const answers = ['UNKNOWN_TOPIC_ID', 'COORDINATOR_NOT_AVAILABLE', 'UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_ID'] as const
    const { clock, sent, outcome } = send(answers, undefined, ['t', 'other'])
    await clock.advanceAsync('5s')
    expect(await outcome).toBe('committed')
    expect(sent).toEqual(['t,other', 't,other', 't,other', 't,other'])
  })

  it('ask for the member before each attempt, and when they were taken', async () => {
    let times = 0
    const { clock, epochs, outcome } = send(['COORDINATOR_NOT_AVAILABLE'], (asked) => (times = asked))
    await clock.advanceAsync('1s')
    expect(await outcome).toBe('committed')
    expect(epochs).toEqual([1, 1])
    expect(times).toBe(3)
  })

  it.each([
    new MemberFencedError('its partitions were lost'),
    // It is retriable only in general: these records now belong to other members.
    new RebalanceInProgressError('its partitions were lost'),
    new Error('its partitions were lost'),
  ])('are given up at once when the reader says that it has lost them: %s', async (lost) => {
    const atOnce = send([], () => {
      throw lost
    })
    expect(await atOnce.outcome).toBe(lost)
    expect(atOnce.epochs).toEqual([])
    const afterwards = send(['STALE_MEMBER_EPOCH', 'NONE'], (asked) => {
      if (asked > 1) throw lost
    })
    expect(await afterwards.outcome).toBe(lost)
    expect(afterwards.epochs).toEqual([1])
    const onTheirWay = send([], (asked) => {
      if (asked > 1) throw lost
    })
    expect(await onTheirWay.outcome).toBe(lost)
  })
})
