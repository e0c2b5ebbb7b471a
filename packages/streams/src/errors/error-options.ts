import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import { type ConfigField, field, isObject, isPlainObject, requireTopicName } from '@kafkado/core/internal'
import { type ErrorKind, errorKinds, type StreamsError } from './streams-error.ts'

/** What a function of `onError` may answer; `'deadLetter'` means the `deadLetterTopic` of the application. */
export type ErrorAnswer = 'fail' | 'skip' | 'deadLetter'

/** What becomes of a record that fails: the application ends, it is left out, or it is put aside in a topic. */
export type ErrorPolicy = ErrorAnswer | { readonly deadLetter: string }

/**
 * Decides by the error and its record, at once: a promise is no answer. Key and value of a record that cannot be read
 * throw when they are asked for; its `rawKey` and `rawValue` do not. There is no record where what fails belongs to
 * none, such as a punctuation.
 */
export type ErrorHandler = (error: StreamsError, record: KafkaRecord<unknown, unknown> | undefined) => ErrorAnswer

/** A policy or a function for each kind of error; those left out are `'fail'`. */
export interface ErrorHandlers {
  /**
   * A record whose key or value cannot be read, in sources, tables and global tables. Kafka:
   * DeserializationExceptionHandler.
   */
  readonly deserialization?: ErrorPolicy | ErrorHandler | undefined
  /**
   * What an operator, a timestamp extractor or a punctuation throws, and state that its serde cannot read or write.
   * What the server or the disk of a `stateDirectory` is to blame for is not asked about: it is the fault of no record,
   * so the tasks begin anew where that may pass, and the application ends otherwise. Kafka: ProcessingExceptionHandler
   * (KIP-1033), which is asked then as well.
   */
  readonly processing?: ErrorPolicy | ErrorHandler | undefined
  /**
   * A result that cannot be serialised, or that the server refuses because of what it is, such as one that is too
   * large; the other results of its record are written. A change of a store that its changelog refuses counts as well,
   * without a record: where it is left out the row stays as it is here, and is what it was before when the store is
   * restored. Kafka: ProductionExceptionHandler.
   */
  readonly production?: ErrorPolicy | ErrorHandler | undefined
}

/** What to do, for each kind. */
export interface ErrorSettings extends Readonly<Record<ErrorKind, ErrorChoice>> {
  /** Where a function puts records aside. */
  readonly deadLetterTopic: string | undefined
  /** Whether `onError` was given. */
  readonly isGiven: boolean
}

/** Policies name their topic. */
export type ErrorChoice = 'fail' | 'skip' | { readonly deadLetter: string } | ErrorHandler

type OnError = ErrorPolicy | ErrorHandler | ErrorHandlers

const one = "'fail', 'skip', 'deadLetter', { deadLetter: TOPIC } or a function"
const expectation = `must be ${one}, or { deserialization, processing, production } with one of these each`

export const onErrorField = (): ConfigField => field(isOnError, expectation)

/** @throws InvalidRequestError when it puts records aside without saying where */
export function errorSettings(onError: OnError | undefined, deadLetterTopic: string | undefined): ErrorSettings {
  if (deadLetterTopic !== undefined) requireTopic('deadLetterTopic', deadLetterTopic)
  const choices = errorKinds.map((kind): [ErrorKind, ErrorChoice] => {
    const [name, given] = isApart(onError)
      ? [`onError.${kind}`, onError[kind] ?? 'fail']
      : ['onError', onError ?? 'fail']
    return [kind, choiceOf(name, given, deadLetterTopic)]
  })
  const byKind = Object.fromEntries(choices) as Record<ErrorKind, ErrorChoice>
  return { ...byKind, deadLetterTopic, isGiven: onError !== undefined }
}

/**
 * The settings of an application whose module says itself what becomes of errors, as it has to where threads run it,
 * which cannot be given functions.
 *
 * @param exported what the module exports as `onError`; undefined without it
 * @throws InvalidRequestError when that is none, or the application was given `onError` as well
 */
export function moduleErrorSettings(given: ErrorSettings, exported: unknown, module: string): ErrorSettings {
  if (exported === undefined) return given
  if (!isOnError(exported)) throw new InvalidRequestError(`${module}: what it exports as onError ${expectation}`)
  if (given.isGiven)
    throw new InvalidRequestError(
      `streams: onError is given as an option and exported by ${module}; leave one of them out, so that it is clear` +
        ` which counts`,
    )
  return errorSettings(exported, given.deadLetterTopic)
}

/** @throws InvalidRequestError when a function would have to go to another thread */
export function requireNoFunctions(settings: ErrorSettings): void {
  const found = errorKinds.find((kind) => typeof settings[kind] === 'function')
  if (found === undefined) return
  throw new InvalidRequestError(
    `streams: onError has a function for ${found}, which cannot be given to another thread: export it from the` +
      ` module, as export const onError = { ${found}: (error, record) => … }`,
  )
}

function choiceOf(name: string, given: ErrorPolicy | ErrorHandler, deadLetterTopic: string | undefined): ErrorChoice {
  if (given !== 'deadLetter') {
    if (isObject(given)) requireTopic(`${name}.deadLetter`, given.deadLetter)
    return given
  }
  if (deadLetterTopic !== undefined) return { deadLetter: deadLetterTopic }
  throw new InvalidRequestError(
    `streams: ${name} is 'deadLetter', but there is no topic for it: give the application a deadLetterTopic, or {` +
      ` deadLetter: TOPIC } here`,
  )
}

function requireTopic(option: string, topic: string): void {
  try {
    requireTopicName(topic)
  } catch (cause) {
    throw new InvalidRequestError(`streams: ${option}: ${(cause as Error).message}`, { cause })
  }
}

function isApart(onError: OnError | undefined): onError is ErrorHandlers {
  return isObject(onError) && !('deadLetter' in onError)
}

function isOnError(value: unknown): value is OnError {
  if (isChoice(value)) return true
  if (!isPlainObject(value)) return false
  const isKnown = Object.keys(value).every((name) => errorKinds.includes(name as ErrorKind))
  return isKnown && Object.values(value).every((each) => each === undefined || isChoice(each))
}

function isChoice(value: unknown): boolean {
  if (typeof value === 'function' || value === 'fail' || value === 'skip' || value === 'deadLetter') return true
  return isPlainObject(value) && typeof value['deadLetter'] === 'string' && Object.keys(value).length === 1
}

/** Whether an error may leave something out, and not end the application. */
export function mayLeaveOut(settings: ErrorSettings): boolean {
  return errorKinds.some((kind) => settings[kind] !== 'fail')
}
