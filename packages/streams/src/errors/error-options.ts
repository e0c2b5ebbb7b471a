import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import { type ConfigField, field, isObject, isPlainObject, requireTopicName } from '@kafkado/core/internal'
import { type ErrorKind, errorKinds, type StreamsError } from './streams-error.ts'

/**
 * The answers of an `onError` function; `'deadLetter'` means the application's `deadLetterTopic`. Kafka: FAIL and
 * CONTINUE of an exception handler's response, and the dead letter queue of KIP-1034.
 */
export type ErrorAnswer = 'fail' | 'skip' | 'deadLetter'

/**
 * What happens to a failing record: it ends the application, is skipped, or goes to a dead letter topic. Kafka:
 * LogAndFailExceptionHandler, LogAndContinueExceptionHandler and their likes for processing and production.
 */
export type ErrorPolicy = ErrorAnswer | { readonly deadLetter: string }

/**
 * Decides by the error and its record, at once: a promise is not accepted. If the record could not be read, its key and
 * value throw on access; its `rawKey` and `rawValue` do not. Without a record if the failure belongs to none, such as a
 * punctuation.
 */
export type ErrorHandler = (error: StreamsError, record: KafkaRecord<unknown, unknown> | undefined) => ErrorAnswer

/**
 * A policy or a function for each kind of error. Default for each: `'fail'`. Choose `'skip'` or a dead letter topic
 * when one bad record must not stop the others.
 *
 * A throwing punctuation counts as processing, without a record; its dead letter holds only the reason. With exactly
 * once, a dead letter is a part of the transaction. A record of a topic that is read in several ways is put aside once,
 * even if none of them can read it, and counted for each. A change that its changelog refuses counts as production. An
 * unreadable changelog always ends the application: state would be lost. An error of the server, or of a
 * `stateDirectory`'s disk, never drops a record, even if an operator throws it.
 */
export interface ErrorHandlers {
  /**
   * For a record with an unreadable key or value, in sources, tables and global tables. Kafka:
   * DeserializationExceptionHandler.
   */
  readonly deserialization?: ErrorPolicy | ErrorHandler | undefined
  /**
   * For errors thrown by an operator, a timestamp extractor or a punctuation, and for state that its serde cannot read
   * or write. It does not see faults of the server or of a `stateDirectory`'s disk: no record is to blame for them.
   * After those, the tasks begin anew if the fault may pass, and otherwise the application ends. With any choice but
   * `'fail'`, stores serialise each value when it is put as well, so that a row that cannot be written costs its own
   * record alone. Kafka: ProcessingExceptionHandler (KIP-1033), which is also asked about such faults.
   */
  readonly processing?: ErrorPolicy | ErrorHandler | undefined
  /**
   * For a result that cannot be serialised, or that the server refuses, for example because it is too large; the other
   * results of its record are written. It also decides, without a record, about a change of a store that its changelog
   * refuses: with `'skip'` the row keeps the change here, and loses it when the store is restored. Kafka:
   * ProductionExceptionHandler.
   */
  readonly production?: ErrorPolicy | ErrorHandler | undefined
}

/** The choice for each kind. */
export interface ErrorSettings extends Readonly<Record<ErrorKind, ErrorChoice>> {
  /** The dead letter topic of functions. */
  readonly deadLetterTopic: string | undefined
  /** Whether `onError` was given. */
  readonly isGiven: boolean
}

/** A policy with the name of its topic. */
export type ErrorChoice = 'fail' | 'skip' | { readonly deadLetter: string } | ErrorHandler

type OnError = ErrorPolicy | ErrorHandler | ErrorHandlers

const one = "'fail', 'skip', 'deadLetter', { deadLetter: TOPIC } or a function"
const expectation = `must be ${one}, or { deserialization, processing, production } with one of these each`

export const onErrorField = (): ConfigField => field(isOnError, expectation)

/** @throws InvalidRequestError when a policy needs a dead letter topic and there is none */
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
 * The error settings of an application whose module exports `onError`. Worker threads need this, because functions
 * cannot be passed to them.
 *
 * @param exported the module's export `onError`; undefined without it
 * @throws InvalidRequestError when the export is not valid, or the application also has the option `onError`
 */
export function moduleErrorSettings(given: ErrorSettings, exported: unknown, module: string): ErrorSettings {
  if (exported === undefined) return given
  if (!isOnError(exported)) throw new InvalidRequestError(`${module}: what it exports as onError ${expectation}`)
  if (given.isGiven)
    throw new InvalidRequestError(
      `streams: onError is given as an option and exported by ${module}; leave one of them out, ` +
        'so that it is clear which counts',
    )
  return errorSettings(exported, given.deadLetterTopic)
}

/** @throws InvalidRequestError when a function would have to go to another thread */
export function requireNoFunctions(settings: ErrorSettings): void {
  const found = errorKinds.find((kind) => typeof settings[kind] === 'function')
  if (found === undefined) return
  throw new InvalidRequestError(
    `streams: onError has a function for ${found}, which cannot be given to another thread: ` +
      `export it from the module, as export const onError = { ${found}: (error, record) => … }`,
  )
}

function choiceOf(name: string, given: ErrorPolicy | ErrorHandler, deadLetterTopic: string | undefined): ErrorChoice {
  if (given !== 'deadLetter') {
    if (isObject(given)) requireTopic(`${name}.deadLetter`, given.deadLetter)
    return given
  }
  if (deadLetterTopic !== undefined) return { deadLetter: deadLetterTopic }
  throw new InvalidRequestError(
    `streams: ${name} is 'deadLetter', but there is no topic for it: give the application a deadLetterTopic, ` +
      'or { deadLetter: TOPIC } here',
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

/** What a task must know of the policies. */
export interface LeavingOut {
  /** Whether some errors leave a record out instead of ending the application. */
  readonly leavesOut: boolean
  /**
   * Whether stores serialise each value on put as a test, and not only at the commit. A value that cannot be written
   * then costs its own record alone, before anything is forwarded. Kafka Streams always serialises on put.
   */
  readonly triesValues: boolean
}

export function leavingOut(settings: ErrorSettings): LeavingOut {
  return {
    leavesOut: errorKinds.some((kind) => settings[kind] !== 'fail'),
    triesValues: settings.processing !== 'fail',
  }
}
