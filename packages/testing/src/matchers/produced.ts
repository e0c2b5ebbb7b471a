import { type AnyKafkaRecord, InvalidRequestError, type TopicLike } from '@kafkado/core'
import { showValue, topicDefinitionOf } from '@kafkado/core/internal'
import { count, listMessages, messageInWords } from '../messages-in-words.ts'
import { Expectation, type ExpectedMessage } from './expected-message.ts'
import { type MatcherContext, type MatcherResult, requireMock } from './matcher-context.ts'

type AnyTopic = TopicLike<never, never>

/** See `KafkaMatchers.toHaveProduced`. */
export function toHaveProduced(
  this: MatcherContext,
  received: unknown,
  topic: AnyTopic,
  expected: ExpectedMessage = {},
): MatcherResult {
  const messages = requireMock('toHaveProduced', received).getMessages(topic)
  const expectation = new Expectation(this, 'toHaveProduced', expected)
  const found = messages.find((message) => expectation.matches(message))
  const where = `topic '${topicDefinitionOf(topic).name}'`
  if (found)
    return {
      pass: true,
      message: () => `${where}: no ${String(expectation)} was expected, and there is\n  ${messageInWords(found)}`,
    }
  const message = (): string =>
    `${where}: a ${String(expectation)} was expected; ${closest(where, messages, expectation)}`
  return { pass: false, message, ...expectation.comparison(messages) }
}

/** See `KafkaMatchers.toHaveProducedInOrder`. */
export function toHaveProducedInOrder(
  this: MatcherContext,
  received: unknown,
  topic: AnyTopic,
  expected: readonly ExpectedMessage[],
): MatcherResult {
  const messages = requireMock('toHaveProducedInOrder', received).getMessages(topic)
  const expectations = requireList(expected).map((one) => new Expectation(this, 'toHaveProducedInOrder', one))
  const { name } = topicDefinitionOf(topic)
  const wanted = `topic '${name}': ${count(expectations.length, 'message')} in this order`
  const list = expectations.map((expectation, index) => `\n  ${index + 1}. ${String(expectation)}`).join('')
  const found: AnyKafkaRecord[] = []
  let rest: readonly AnyKafkaRecord[] = messages
  for (const expectation of expectations) {
    const index = rest.findIndex((message) => expectation.matches(message))
    if (index < 0) {
      const missing = missingInOrder(expectation, { found, rest, messages })
      const message = (): string => `${wanted} were expected:${list}\n${missing()}\n${listMessages(name, messages)}`
      return { pass: false, message, ...expectation.comparison(rest) }
    }
    found.push(rest[index] as AnyKafkaRecord)
    rest = rest.slice(index + 1)
  }
  const message = (): string => `${wanted} were not expected:${list}\nand there are\n${lines(found)}`
  return { pass: true, message }
}

interface SearchedInOrder {
  /** The messages that matched what was expected before. */
  readonly found: readonly AnyKafkaRecord[]
  /** What comes after them. */
  readonly rest: readonly AnyKafkaRecord[]
  readonly messages: readonly AnyKafkaRecord[]
}

/** Why the next one of the expected was not found. */
function missingInOrder(expectation: Expectation, { found, rest, messages }: SearchedInOrder): () => string {
  return () => {
    const number = found.length + 1
    const last = found.at(-1)
    const after = last
      ? `after number ${found.length}, which is partition ${last.partition} offset ${last.offset}`
      : 'at all'
    const earlier = messages.slice(0, messages.length - rest.length).filter((message) => expectation.matches(message))
    const before = earlier.length > 0 ? `; before it there is\n${lines(earlier)}` : ''
    const near = expectation.closest(rest)
    return `Number ${number} is not there ${after}${before}${near && `\nThe closest after it:\n${near}`}`
  }
}

function closest(where: string, messages: readonly AnyKafkaRecord[], expectation: Expectation): string {
  if (messages.length === 0) return `nothing was written to ${where}`
  return `of its ${count(messages.length, 'message')} none is; the closest:\n${expectation.closest(messages)}`
}

function lines(messages: readonly AnyKafkaRecord[]): string {
  return messages.map((message) => `  ${messageInWords(message)}`).join('\n')
}

function requireList(expected: unknown): readonly ExpectedMessage[] {
  if (Array.isArray(expected) && expected.length > 0) return expected as ExpectedMessage[]
  throw new InvalidRequestError(
    `toHaveProducedInOrder: what is expected is a list of messages, such as [{ key: 'a' }, { key: 'b' }], got` +
      ` ${showValue(expected)}`,
  )
}
