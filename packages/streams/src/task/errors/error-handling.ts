import { KafkaError, type KafkaRecord } from '@kafkado/core'
import { askHandler } from '../../errors/ask-handler.ts'
import type { ErrorAnswer, ErrorHandler, ErrorSettings } from '../../errors/error-options.ts'
import { placeOf, type ErrorKind, StreamsError } from '../../errors/streams-error.ts'
import { type Failure, faultOfServer, isOfServer, streamsErrorOf } from './processing-errors.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** The decision to leave something out, and the dead letter topic, if any. */
export interface Verdict {
  readonly error: StreamsError
  readonly deadLetter: string | undefined
}

export interface ErrorActions {
  /** @param record undefined without a current record */
  putAside(topic: string, record: AnyRecord | undefined, error: StreamsError): void
  count(kind: ErrorKind): void
  /** The error of the task's storage, if it has failed. */
  storageFault?(): KafkaError | undefined
}

/**
 * Decides about failures by the policies and functions of `onError`. Kafka: the exception handlers of KIP-1033 and
 * KIP-1034.
 */
export class ErrorHandling {
  readonly #settings: ErrorSettings
  readonly #actions: ErrorActions
  /** Errors that already end the application. They pass by again on their way out of the operators. */
  readonly #final = new WeakSet<object>()
  /** The last record that failed before any operator, and the topics it was put aside in. */
  #unread: { readonly record: AnyRecord; readonly deadLetters: Set<string> } | undefined

  constructor(settings: ErrorSettings, actions: ErrorActions) {
    this.#settings = settings
    this.#actions = actions
  }

  /**
   * Leaves out a failed record, and puts it aside if requested: once, however many ways of reading it fail. @throws the
   * error that ends the application
   */
  handle(failure: Failure): void {
    const { error, deadLetter } = this.judge(failure)
    const { operator, record } = failure
    const isAside = operator === undefined && this.#isAside(record, deadLetter)
    this.leaveOut({ error, deadLetter: isAside ? undefined : deadLetter }, record)
  }

  /** @throws the error that ends the application */
  judge(failure: Failure): Verdict {
    const { kind, cause, record } = failure
    if (cause instanceof Error && this.#final.has(cause)) throw cause
    // An operator may have caught the storage's error and thrown another one.
    const fault = this.#actions.storageFault?.()
    if (fault) throw this.#ofStorage(failure, fault)
    const error = streamsErrorOf(failure)
    // The change is in the full buffer already, which was told to end the application.
    if (KafkaError.is(cause) && cause.code === 'BUFFER_FULL') throw this.#ending(error)
    // It would fail with any other record. A refused result only gets here if its content is at fault.
    if (kind !== 'production' && faultOfServer(cause)) throw this.#outside(error, cause)
    const choice = this.#settings[kind]
    const answer = typeof choice === 'function' ? this.#ask(choice, error, record) : choice
    if (answer === 'fail') throw this.#outside(error, cause)
    if (answer === 'skip') return { error, deadLetter: undefined }
    return { error, deadLetter: answer === 'deadLetter' ? this.#deadLetterTopic(error) : answer.deadLetter }
  }

  leaveOut({ error, deadLetter }: Verdict, record: AnyRecord | undefined): void {
    this.#actions.count(error.kind)
    if (deadLetter !== undefined) this.#actions.putAside(deadLetter, record, error)
  }

  /** Whether a record that no operator has seen was put aside before; it counts as put aside from now on. */
  #isAside(record: AnyRecord | undefined, deadLetter: string | undefined): boolean {
    if (record === undefined || deadLetter === undefined) return false
    if (this.#unread?.record !== record) this.#unread = { record, deadLetters: new Set() }
    const { deadLetters } = this.#unread
    const isAside = deadLetters.has(deadLetter)
    deadLetters.add(deadLetter)
    return isAside
  }

  #ask(handler: ErrorHandler, error: StreamsError, record: AnyRecord | undefined): ErrorAnswer {
    const asked = askHandler<ErrorAnswer>(() => handler(error, record), ['fail', 'skip', 'deadLetter'])
    if (asked.answer !== undefined) return asked.answer
    throw this.#failed(error, asked.fault, asked.thrown)
  }

  #deadLetterTopic(error: StreamsError): string {
    const { deadLetterTopic } = this.#settings
    if (deadLetterTopic !== undefined) return deadLetterTopic
    const fault = "answered 'deadLetter', but the application has no deadLetterTopic that the record could go to"
    throw this.#failed(error, fault, [])
  }

  /** The function is at fault as well. Its error does not pass, even if the original one would. */
  #failed(error: StreamsError, fault: string, thrown: readonly unknown[]): StreamsError {
    const message = `${error.message}; and the function that onError has for ${error.kind} ${fault}`
    const cause = new AggregateError([error, ...thrown], 'what failed, and what its handler threw')
    const traits = { code: 'ERROR_HANDLER_FAILED', retriable: false, outcome: 'failed' } as const
    return this.#ending(new StreamsError(message, { ...placeOf(error), ...traits, cause }))
  }

  /** A fault of the server, the storage or the configuration may pass, or says itself what to do. */
  #outside(error: StreamsError, cause: unknown): Error {
    return this.#ending(isOfServer(cause) ? (cause as Error) : error)
  }

  /** Replaces whatever the operator has thrown instead, unless that error names the same cause. */
  #ofStorage(failure: Failure, fault: KafkaError): Error {
    if (failure.cause === fault) return this.#ending(fault)
    const cause = faultOfServer(failure.cause) === fault ? failure.cause : fault
    return this.#ending(streamsErrorOf({ ...failure, kind: 'processing', cause }))
  }

  #ending<E extends Error>(error: E): E {
    this.#final.add(error)
    return error
  }
}
