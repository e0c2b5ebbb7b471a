import { createTopic } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { codeOf, type KafkaErrorName, offsetCommit } from '@kafkado/core'
import type { OffsetCommitRequest } from '@kafkado/core/protocol'
import { createHandler } from '@kafkado/server'
import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  createConsumer,
  createProducer,
  DisconnectedError,
  http,
  intercept,
  type KafkaError,
  type KafkaRecord,
  seededRandom,
  type Transport,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

/** The result of one request to commit; the last one of a list repeats for all later requests. */
type Answer = 'never sent' | 'silence' | 'answer lost' | KafkaErrorName

/** What happens after that many requests to commit. */
interface End {
  readonly after: number
  readonly what: 'close' | 'lost'
}

const commits = {
  'record.commit()': (record: KafkaRecord) => record.commit(),
  'consumer.commit()': (_: KafkaRecord, consumer: Consumer<unknown>) => consumer.commit(),
} as const

describe.each(Object.entries(commits))('what %s says of an offset that it could not commit', (how, commit) => {
  let clock: ManualClock
  let engine: ReturnType<typeof memory>
  let answers: Answer[]
  let sent: number
  let isFenced: boolean
  let transport: Transport
  let consumer: Consumer<unknown>
  let record: KafkaRecord

  beforeEach(async () => {
    clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    engine = memory({ runtime, heartbeatInterval: 100 })
    sent = 0
    isFenced = false
    transport = intercept(engine, (next) => async (operation, request, options) => {
      if (operation.name === 'consumerGroupHeartbeat' && isFenced) {
        isFenced = false
        return next(operation, { ...(request as object), memberId: 'nobody' } as never, options)
      }
      if (operation.name !== offsetCommit.name) return next(operation, request, options)
      const answer = answers[Math.min(sent++, answers.length - 1)] as Answer
      if (answer === 'never sent') throw new DisconnectedError('no server is there', { outcome: 'failed' })
      if (answer === 'silence') return new Promise(() => undefined)
      if (answer !== 'answer lost') return refused(request as OffsetCommitRequest, () => answer) as never
      await next(operation, request, options)
      throw new DisconnectedError('the connection broke')
    })
    await createTopic(engine, 'numbers', { partitions: 1 })
    const producer = createProducer(engine, 'numbers', { runtime })
    await inTime(producer.send(0), clock)
    await producer.close()
    consumer = createConsumer(transport, 'numbers', { group: 'g', autoCommit: false, runtime, closeTimeout: '4s' })
    record = await inTime(consumer.next(), clock)
  })
  afterEach(async () => {
    await inTime(consumer.close(), clock)
    await engine.close()
  })

  const endOf = async ({ what }: End): Promise<void> => {
    if (what === 'close') return consumer.close()
    const lost = new Promise<void>((resolve) => void consumer.on('lost', () => resolve()))
    isFenced = true
    await inTime(lost, clock)
  }

  it.each<[Answer[], End | undefined, KafkaError['outcome']]>([
    [['GROUP_AUTHORIZATION_FAILED'], undefined, 'failed'],
    [['UNKNOWN_MEMBER_ID'], undefined, 'failed'],
    [['never sent'], undefined, 'failed'],
    [['never sent'], { after: 1, what: 'close' }, 'failed'],
    [['COORDINATOR_LOAD_IN_PROGRESS'], { after: 2, what: 'close' }, 'failed'],
    [['answer lost'], undefined, 'unknown'],
    [['answer lost', 'GROUP_AUTHORIZATION_FAILED'], undefined, 'unknown'],
    [['answer lost', 'UNKNOWN_MEMBER_ID'], undefined, 'unknown'],
    [['answer lost', 'never sent'], undefined, 'unknown'],
    [['silence'], { after: 1, what: 'close' }, 'unknown'],
    [['answer lost', 'never sent'], { after: 1, what: 'close' }, 'unknown'],
    [['answer lost', 'never sent'], { after: 2, what: 'close' }, 'unknown'],
  ])('%j, %j: %s', async (given, end, outcome) => {
    answers = given
    const told = commit(record, consumer).then(
      () => 'committed',
      (error: KafkaError) => error.outcome,
    )
    if (end) {
      await until(() => sent >= end.after, clock)
      await inTime(endOf(end), clock)
    }
    expect(await inTime(told, clock)).toBe(outcome)
  })

  // The consumer need not commit a lost partition.
  it.skipIf(how === 'consumer.commit()').each<[Answer, KafkaError['outcome']]>([
    ['never sent', 'failed'],
    ['answer lost', 'unknown'],
  ])('%s, and the partition is lost before the next attempt: %s', async (answer, outcome) => {
    answers = [answer]
    const told = commit(record, consumer).then(
      () => 'committed',
      (error: KafkaError) => error.outcome,
    )
    await until(() => sent > 0, clock)
    await endOf({ after: 1, what: 'lost' })
    expect(await inTime(told, clock)).toBe(outcome)
  })
})

it('of several partitions one of which nobody knows: unknown', async () => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ runtime, heartbeatInterval: 100 })
  await createTopic(engine, 'numbers', { partitions: 2 })
  const producer = createProducer(engine, 'numbers', { runtime })
  await inTime(producer.sendBatch([0, 1].map((partition) => ({ value: partition, partition }))), clock)
  await producer.close()
  const transport = intercept(engine, (next) => async (operation, request, options) => {
    if (operation.name !== offsetCommit.name) return next(operation, request, options)
    const errors: readonly KafkaErrorName[] = ['REQUEST_TIMED_OUT', 'GROUP_AUTHORIZATION_FAILED']
    return refused(request as OffsetCommitRequest, (partition) => errors[partition] as KafkaErrorName) as never
  })
  const consumer = createConsumer(transport, 'numbers', { group: 'g', autoCommit: false, runtime, closeTimeout: '4s' })
  for (let count = 0; count < 2; count++) await inTime(consumer.next(), clock)
  const told = consumer.commit().then(
    () => 'committed',
    (error: KafkaError) => [error.code, error.outcome],
  )
  expect(await inTime(told, clock)).toEqual(['UNAUTHORIZED', 'unknown'])
  await inTime(consumer.close(), clock)
  await engine.close()
})

it('a right that is taken after a commit whose answer was lost over HTTP: unknown', async () => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ runtime, heartbeatInterval: 100 })
  await createTopic(engine, 'numbers', { partitions: 1 })
  const producer = createProducer(engine, 'numbers', { runtime })
  await inTime(producer.send(0), clock)
  await producer.close()
  const handle = createHandler(engine, { runtime })
  let commits = 0
  const overHttp: typeof globalThis.fetch = async (url, init) => {
    if (!(url as string).endsWith(offsetCommit.path)) return handle(new Request(url as string, init))
    if (commits++ > 0) {
      const request = JSON.parse(init?.body as string) as OffsetCommitRequest
      return Response.json(refused(request, () => 'TOPIC_AUTHORIZATION_FAILED'))
    }
    await handle(new Request(url as string, init))
    throw new TypeError('the connection broke')
  }
  const transport = http({ url: 'http://kafkado.test', fetch: overHttp, runtime })
  const consumer = createConsumer(transport, 'numbers', { group: 'g', autoCommit: false, runtime, closeTimeout: '4s' })
  const record = await inTime(consumer.next(), clock)
  const told = record.commit().then(
    () => 'committed',
    (error: KafkaError) => [error.code, error.outcome],
  )
  expect(await inTime(told, clock)).toEqual(['UNAUTHORIZED', 'unknown'])
  expect(commits).toBe(2)
  await inTime(consumer.close(), clock)
  await engine.close()
})

function refused({ topics }: OffsetCommitRequest, errorOf: (partition: number) => KafkaErrorName) {
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({
        partition,
        errorCode: codeOf(errorOf(partition)),
        errorMessage: null,
      })),
    })),
  }
}
