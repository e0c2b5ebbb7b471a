import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, memory } from '@kafkado/broker'
import { http, intercept, InvalidRequestError, KafkaError, type Transport } from '@kafkado/core'
import { createHandler } from '@kafkado/server'
import { KafkaClient } from 'kafkado'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Values that untyped JavaScript, a form or a JSON document may pass as any argument. */
const garbage: readonly unknown[] = [
  undefined,
  null,
  '',
  'x y',
  '4',
  'first',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1.5,
  2 ** 53,
  5n,
  true,
  new Date(5),
  new Date(Number.NaN),
  [],
  [0],
  {},
  { timestmp: 5 },
  { timestamp: undefined },
  { timestamp: null },
  { timestamp: '' },
  { timestamp: '2026-01-01' },
  { timestamp: Number.NaN },
  { timestamp: -1 },
  { timestamp: 1.5 },
  { timestamp: new Date(Number.NaN) },
  { timestamp: 5, offset: 5 },
  { offset: -1 },
  { offset: '3' },
  { 0: Number.NaN },
  { 0: '3' },
  { 0: 1, 1: -1 },
  { '-1': 3 },
  { '00': 3 },
  { 5_000_000_000: 1 },
  { partitons: 4 },
  { partitions: '4' },
  { partitions: null },
  { partitions: 0 },
  { partitions: 2 ** 31 },
  { replicationFactor: 1.5 },
  { retentionMs: 'soon' },
  { retentionMs: -2 },
  { retentionMs: 0.5 },
  { retentionMs: new Date(5) },
  { config: { 'retention.ms': 5 } },
  { config: 'retention.ms=5' },
  { config: ['retention.ms'] },
  new Map([['partitions', 4]]),
  () => 4,
]

type Call = (kafka: KafkaClient, value: never) => Promise<unknown>

interface Argument {
  readonly call: Call
  /** The names in the error. */
  readonly names: RegExp
  /** The garbage values that are valid for this argument. */
  readonly valid?: (value: unknown) => boolean
}

const aName = (value: unknown): boolean => typeof value === 'string' && value !== ''
const aTopicName = (value: unknown): boolean => value === '4' || value === 'first'
const nothing = (value: unknown): boolean => value === undefined
const noOptions = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  JSON.stringify(value) === '{}' &&
  !(value instanceof Map)

const methods: Record<string, Argument> = {
  'createTopic(name)': { call: ({ admin }, name) => admin.createTopic(name), names: /topic name/, valid: aTopicName },
  'createTopic(_, options)': {
    call: ({ admin }, options) => admin.createTopic('made', options),
    names: /^createTopic configuration/,
    valid: (value) => nothing(value) || noOptions(value),
  },
  'alterTopic(name)': {
    call: ({ admin }, name) => admin.alterTopic(name, { partitions: 9 }),
    names: /topic name/,
    valid: aTopicName,
  },
  'alterTopic(_, options)': {
    call: ({ admin }, options) => admin.alterTopic('kept', options),
    names: /^alterTopic configuration/,
    valid: noOptions,
  },
  'deleteTopic(name)': { call: ({ admin }, name) => admin.deleteTopic(name), names: /topic name/, valid: aTopicName },
  'describeTopic(name)': {
    call: ({ admin }, name) => admin.describeTopic(name),
    names: /topic name/,
    valid: aTopicName,
  },
  'deleteRecords(name)': {
    call: ({ admin }, name) => admin.deleteRecords(name, 'latest'),
    names: /topic name/,
    valid: aTopicName,
  },
  'deleteRecords(_, before)': { call: ({ admin }, before) => admin.deleteRecords('kept', before), names: /^before/ },
  'resetOffsets(group)': {
    call: ({ admin }, group) => admin.resetOffsets(group, 'kept', 'earliest'),
    names: /^group/,
    valid: aName,
  },
  'resetOffsets(_, topic)': {
    call: ({ admin }, topic) => admin.resetOffsets('readers', topic, 'earliest'),
    names: /topic name/,
    valid: aTopicName,
  },
  'resetOffsets(_, _, position)': {
    call: ({ admin }, position) => admin.resetOffsets('readers', 'kept', position),
    names: /^position/,
  },
  'describeGroup(id)': { call: ({ admin }, id) => admin.describeGroup(id), names: /^group/, valid: aName },
  'deleteGroup(id)': { call: ({ admin }, id) => admin.deleteGroup(id), names: /^group/, valid: aName },
  'abortTransaction(id)': {
    call: ({ admin }, id) => admin.abortTransaction(id),
    names: /^transactional id/,
    valid: aName,
  },
}

interface Subject {
  readonly kafka: KafkaClient
  readonly sent: string[]
  close(): Promise<void>
}

function subjectOf(transport: Transport, end: () => Promise<void>): Subject {
  const sent: string[] = []
  const observed = intercept(transport, (next) => (operation, request, options) => {
    sent.push(operation.name)
    return next(operation, request, options)
  })
  const kafka = new KafkaClient(observed)
  return { kafka, sent, close: () => kafka.close().then(end) }
}

const places: Record<string, () => Promise<Subject>> = {
  memory: () => Promise.resolve(subjectOf(memory(), () => Promise.resolve())),
  disk: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-arguments-'))
    return subjectOf(embedded(folder), () => rm(folder, { recursive: true }))
  },
  HTTP: () => {
    const engine = memory()
    const handler = createHandler(engine)
    const transport = http({ url: 'http://localhost', fetch: (input, init) => handler(new Request(input, init)) })
    return Promise.resolve(subjectOf(transport, () => engine.close()))
  },
}

/** Everything that a call could have changed. */
async function snapshot({ admin }: KafkaClient): Promise<unknown> {
  const topics = await admin.listTopics()
  return {
    topics: await Promise.all(topics.map(({ name }) => admin.describeTopic(name))),
    groups: await Promise.all((await admin.listGroups()).map(({ id }) => admin.describeGroup(id))),
    transactions: await admin.listTransactions(),
  }
}

describe('an argument that is not valid is refused in the same words everywhere, and changes nothing', () => {
  const subjects = new Map<string, Subject>()
  beforeAll(async () => {
    for (const [name, make] of Object.entries(places)) {
      const subject = await make()
      subjects.set(name, subject)
      await subject.kafka.admin.createTopic('kept', { partitions: 2, retentionMs: '1d' })
      await subject.kafka.producer('kept').sendBatch([0, 1, 0, 1, 0].map((partition) => ({ value: 1, partition })))
      await subject.kafka.admin.resetOffsets('readers', 'kept', { offset: 1 })
    }
  })
  afterAll(async () => {
    for (const subject of subjects.values()) await subject.close()
  })

  it.each(Object.entries(methods))('%s', async (_, { call, names, valid = () => false }) => {
    const refusals = new Map<string, string[]>()
    for (const [place, { kafka, sent }] of subjects) {
      const before = await snapshot(kafka)
      const messages: string[] = []
      for (const value of garbage.filter((candidate) => !valid(candidate))) {
        sent.length = 0
        const error: unknown = await call(kafka, value as never).then(
          () => `${String(value)} was taken`,
          (thrown: unknown) => thrown,
        )
        expect(error).toBeInstanceOf(InvalidRequestError)
        expect(error).toMatchObject({ outcome: 'failed', retriable: false })
        expect((error as Error).message).toMatch(names)
        expect((error as Error).message.length).toBeLessThan(400)
        expect(sent).toEqual([])
        messages.push((error as Error).message)
      }
      expect(await snapshot(kafka)).toEqual({ ...(before as object) })
      refusals.set(place, messages)
    }
    expect(refusals.get('disk')).toEqual(refusals.get('memory'))
    expect(refusals.get('HTTP')).toEqual(refusals.get('memory'))
  })

  it.each(Object.keys(places))(
    'a change that is refused in part is told, and one refused as a whole changes nothing: %s',
    async (place) => {
      const { admin } = (subjects.get(place) as Subject).kafka
      await admin.createTopic('changed', { partitions: 2, retentionMs: '1d' })
      const before = await admin.describeTopic('changed')
      const outcome = (work: Promise<unknown>): Promise<unknown> =>
        work.then(
          () => 'done',
          (error: unknown) => (KafkaError.is(error) ? `${error.code} ${error.outcome}` : error),
        )
      expect(await outcome(admin.alterTopic('changed', { retentionMs: '2d', partitions: 2 }))).toBe(
        'INVALID_REQUEST failed',
      )
      expect(await outcome(admin.deleteRecords('changed', { 0: 0, 2: 0 }))).toBe('PARTITION_NOT_FOUND failed')
      expect(await outcome(admin.deleteRecords('changed', { 0: 0, 1: 9 }))).toBe('OFFSET_OUT_OF_RANGE unknown')
      expect(await outcome(admin.deleteRecords('changed', { 0: 9, 1: 9 }))).toBe('OFFSET_OUT_OF_RANGE failed')
      expect(await admin.describeTopic('changed')).toEqual(before)
      await admin.deleteTopic('changed')
    },
  )

  it.each(Object.keys(places))('what is valid is carried out: %s', async (place) => {
    const { admin } = (subjects.get(place) as Subject).kafka
    await admin.createTopic('valid', { partitions: 1, retentionMs: -1, config: { 'max.message.bytes': '2000' } })
    await admin.alterTopic('valid', { partitions: 2, retentionMs: '1.5s' })
    expect(await admin.describeTopic('valid')).toMatchObject({ partitions: 2, retentionMs: 1500 })
    for (const before of [0, 'earliest', 'latest', { timestamp: 0 }, { timestamp: new Date(0) }, { 1: 0 }] as const)
      await admin.deleteRecords('valid', before)
    for (const position of ['earliest', 'latest', { timestamp: new Date(5) }, { offset: 7 }] as const)
      await admin.resetOffsets('valid', 'valid', position)
    await admin.deleteGroup('valid')
    await admin.deleteTopic('valid')
  })
})
