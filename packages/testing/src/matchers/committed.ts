import { InvalidRequestError, isKafkaError } from '@kafkado/core'
import { type CommittedOffset, isObject, isPlainObject, requireTopicName, showValue } from '@kafkado/core/internal'
import type { MockKafka } from '../mock-kafka.ts'
import { type MatcherContext, type MatcherResult, requireMock, showExpected } from './matcher-context.ts'

/** The expected commit of a group. A missing field matches anything. */
export interface ExpectedCommit {
  /** A topic name, or a definition from `defineTopic`. */
  readonly topic: string | { readonly name: string }
  readonly partition?: unknown
  /** The offset where the group continues: the one after the last finished record, as in Kafka. */
  readonly offset?: unknown
}

/** See `KafkaMatchers.toHaveCommitted`. */
export async function toHaveCommitted(
  this: MatcherContext,
  received: unknown,
  group: string,
  expected: ExpectedCommit,
): Promise<MatcherResult> {
  const mock = requireMock('toHaveCommitted', received)
  const wanted = requireCommit(expected)
  const committed = await committedBy(mock, group)
  const pass = committed.some((one) => wanted.every(([field, value]) => this.equals(one[field], value)))
  const what = wanted.map(([field, value]) => `${field} ${showExpected(this, value)}`).join(', ')
  const message = (): string =>
    `group '${group}' was ${pass ? 'not ' : ''}expected to have committed ${what}; ${inWords(committed)}`
  return { pass, message }
}

/** A group that does not exist has committed nothing. */
async function committedBy(mock: MockKafka, group: string): Promise<CommittedOffset[]> {
  try {
    return await mock.committedOffsets(group)
  } catch (error) {
    if (isKafkaError(error, 'GROUP_ID_NOT_FOUND')) return []
    throw error
  }
}

function inWords(committed: readonly CommittedOffset[]): string {
  if (committed.length === 0) return 'it has committed nothing'
  const lines = committed.map(
    ({ topic, partition, offset }) => `  topic '${topic}' partition ${partition}: offset ${offset}`,
  )
  return `it has committed\n${lines.join('\n')}`
}

function requireCommit(expected: unknown): [field: 'topic' | 'partition' | 'offset', value: unknown][] {
  const isCommit =
    isPlainObject(expected) && Object.keys(expected).every((name) => ['topic', 'partition', 'offset'].includes(name))
  if (!isCommit || expected['topic'] === undefined)
    throw new InvalidRequestError(
      'toHaveCommitted: the expected commit must be an object with topic, partition and offset, ' +
        `such as { topic: 'orders', offset: 2 }, got ${showValue(expected)}`,
    )
  const { partition, offset } = expected
  const topic = isObject(expected['topic']) ? expected['topic']['name'] : expected['topic']
  requireTopicName(topic)
  return [
    ['topic', topic],
    ...(partition === undefined ? [] : [['partition', partition] as ['partition', unknown]]),
    ...(offset === undefined ? [] : [['offset', offset] as ['offset', unknown]]),
  ]
}
