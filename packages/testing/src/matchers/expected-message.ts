import { type AnyKafkaRecord, InvalidRequestError } from '@kafkado/core'
import { isPlainObject, showValue } from '@kafkado/core/internal'
import { messageInWords } from '../messages-in-words.ts'
import { type MatcherContext, showExpected } from './matcher-context.ts'

/**
 * An expected message. A missing field matches anything; a given field is compared as by `toEqual`, so
 * `expect.objectContaining(…)` and similar work.
 */
export interface ExpectedMessage {
  readonly key?: unknown
  readonly value?: unknown
  readonly headers?: unknown
  readonly partition?: unknown
  readonly offset?: unknown
  readonly timestamp?: unknown
}

type Field = keyof ExpectedMessage

const fields: readonly Field[] = ['key', 'value', 'headers', 'partition', 'offset', 'timestamp']

/** The most messages that an error shows. */
const mostShown = 3

/** Compares messages with the expected one, by the runner's equality. */
export class Expectation {
  readonly #context: MatcherContext
  readonly #expected: ExpectedMessage
  readonly #given: readonly Field[]

  /** @throws InvalidRequestError when it has a field that messages lack */
  constructor(context: MatcherContext, matcher: string, expected: ExpectedMessage) {
    requireMessage(matcher, expected)
    this.#context = context
    this.#expected = expected
    this.#given = fields.filter((field) => expected[field] !== undefined)
  }

  matches(message: AnyKafkaRecord): boolean {
    return this.#differences(message).length === 0
  }

  /** `message with key "k", value {"amount": 42}`. */
  toString(): string {
    const parts = this.#given.map((field) => `${field} ${showExpected(this.#context, this.#expected[field])}`)
    return parts.length > 0 ? `message with ${parts.join(', ')}` : 'message'
  }

  /** The messages with the fewest differences, and those differences. */
  closest(messages: readonly AnyKafkaRecord[]): string {
    return this.#byDistance(messages)
      .slice(0, mostShown)
      .map(({ message, differences }) => `  ${messageInWords(message)} (differs in ${differences.join(', ')})`)
      .join('\n')
  }

  /** For runners that show a diff: the expected fields, and the same fields of the closest message. */
  comparison(messages: readonly AnyKafkaRecord[]): { actual?: unknown; expected?: unknown } {
    const [nearest] = this.#byDistance(messages)
    if (!nearest) return {}
    const plain = nearest.message.toJSON()
    const pick = (from: ExpectedMessage): object => Object.fromEntries(this.#given.map((field) => [field, from[field]]))
    return { actual: pick(plain), expected: pick(this.#expected) }
  }

  #byDistance(messages: readonly AnyKafkaRecord[]) {
    return messages
      .map((message) => ({ message, differences: this.#differences(message) }))
      .filter(({ differences }) => differences.length > 0)
      .toSorted((left, right) => left.differences.length - right.differences.length)
  }

  #differences(message: AnyKafkaRecord): Field[] {
    const { customTesters = [], utils } = this.#context
    const testers = utils?.iterableEquality ? [...customTesters, utils.iterableEquality] : [...customTesters]
    // `equals` is called on the context, as Bun requires. A field that cannot be decoded is a difference, shown with
    // the reason.
    const plain = message.toJSON()
    return this.#given.filter((field) => !this.#context.equals(plain[field], this.#expected[field], testers as never[]))
  }
}

function requireMessage(matcher: string, expected: unknown): void {
  if (!isPlainObject(expected))
    throw new InvalidRequestError(
      `${matcher}: the expected message must be an object with ${fields.join(', ')}, ` +
        `such as { value: { amount: 42 } }, got ${showValue(expected)}`,
    )
  const unknown = Object.keys(expected).filter((name) => !fields.includes(name as Field))
  if (unknown.length === 0) return
  throw new InvalidRequestError(
    `${matcher}: messages have no ${unknown.map((name) => `'${name}'`).join(', ')}, but ${fields.join(', ')}; ` +
      `put fields of the value into value: { value: { ${unknown[0]}: … } }`,
  )
}
