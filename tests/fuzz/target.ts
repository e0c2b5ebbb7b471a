import { KafkaError } from '@kafkado/core'

/** Something that takes bytes from outside. */
export interface Target {
  readonly name: string
  /** What is decoded by it, as parts of the paths of sources, for the coverage. */
  readonly sources: readonly string[]
  /** Inputs that are right, to begin with. */
  readonly seeds: readonly Uint8Array[]
  /** Makes another input of one, by what is known of its form. Half of all changes; the others are those of bytes. */
  readonly change?: ((input: Uint8Array, random: RandomBytes) => Uint8Array) | undefined
  /** Words that mean something to it, which are put into inputs. */
  readonly words?: readonly string[]
  /**
   * Decodes the input, and throws where what it promises is not so. What it returns has to be the same for the same
   * bytes, whatever stands beside them in memory.
   */
  run(input: Uint8Array): unknown
}

export interface RandomBytes {
  /** A whole number from 0 up, below the limit. */
  below(limit: number): number
  pick<T>(values: readonly T[]): T
}

/** What a target throws when a promise is broken. */
export class Finding extends Error {}

export function expect(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Finding(what)
}

/** What stands for a value that was refused. */
export interface Refused {
  readonly refused: string
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value
}

/** What JavaScript itself says when something is not as the code expects it. */
export const ofAnEngine: RegExp =
  /outside the bounds|Invalid typed array|Cannot read prop|is not (a function|iterable|defined)|call stack|allocation failed/

type ErrorClass = abstract new (...given: never[]) => Error

/** The error, where it is one that a decoder may throw: of the project's kinds, with a message that says something. */
export function refusal(error: unknown, also: readonly ErrorClass[] = []): Refused {
  const isOurs = KafkaError.is(error) || also.some((kind) => error instanceof kind)
  if (!isOurs) throw error
  const { message } = error as Error
  expect(message.length > 10, `the message of the ${(error as Error).name} says nothing: '${message}'`)
  expect(!ofAnEngine.test(message), `unclear: ${message}`)
  if (KafkaError.is(error)) {
    expect(typeof error.retriable === 'boolean', 'the error does not say whether it is retriable')
    expect(error.outcome === 'failed' || error.outcome === 'unknown', 'the error does not say its outcome')
  }
  return { refused: message }
}

/** What a decoder makes of something, or the refusal. */
export function decoded<T>(decode: () => T, also?: readonly ErrorClass[]): T | Refused {
  try {
    return decode()
  } catch (error) {
    return refusal(error, also)
  }
}
