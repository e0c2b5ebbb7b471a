import type { KafkaRecord } from '@kafkado/core'
import type { ErrorAnswer, ErrorHandler, ErrorSettings } from '../../errors/error-options.ts'
import { placeOf, type ErrorKind, StreamsError } from '../../errors/streams-error.ts'
import { detailOf, type Failure, isOfServer, streamsErrorOf } from './processing-errors.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** That something is left out, and where its record is put aside, if it is. */
export interface Verdict {
  readonly error: StreamsError
  readonly deadLetter: string | undefined
}

export interface ErrorActions {
  /** @param record undefined where nothing was in hand */
  putAside(topic: string, record: AnyRecord | undefined, error: StreamsError): void
  count(kind: ErrorKind): void
}

/** What becomes of what fails, by the policies and functions of `onError`. Kafka: the exception handlers of KIP-1033 and KIP-1034. */
export class ErrorHandling {
  readonly #settings: ErrorSettings
  readonly #actions: ErrorActions
  /** What ends the application already, and comes by again on its way out of the operators. */
  readonly #final = new WeakSet<object>()

  constructor(settings: ErrorSettings, actions: ErrorActions) {
    this.#settings = settings
    this.#actions = actions
  }

  /** Leaves out what failed, and puts its record aside where that is wanted. @throws what ends the application */
  handle(failure: Failure): void {
    this.leaveOut(this.judge(failure), failure.record)
  }

  /** @throws what ends the application */
  judge(failure: Failure): Verdict {
    const { kind, cause, record } = failure
    if (cause instanceof Error && this.#final.has(cause)) throw cause
    const error = streamsErrorOf(failure)
    const choice = this.#settings[kind]
    const answer = typeof choice === 'function' ? this.#ask(choice, error, record) : choice
    // What the server or the configuration is to blame for may pass, or says itself what to do.
    if (answer === 'fail') throw this.#ending(isOfServer(cause) ? (cause as Error) : error)
    if (answer === 'skip') return { error, deadLetter: undefined }
    return { error, deadLetter: answer === 'deadLetter' ? this.#deadLetterTopic(error) : answer.deadLetter }
  }

  leaveOut({ error, deadLetter }: Verdict, record: AnyRecord | undefined): void {
    this.#actions.count(error.kind)
    if (deadLetter !== undefined) this.#actions.putAside(deadLetter, record, error)
  }

  #ask(handler: ErrorHandler, error: StreamsError, record: AnyRecord | undefined): ErrorAnswer {
    let answer: unknown
    try {
      answer = handler(error, record)
    } catch (thrown) {
      throw this.#failed(error, `threw: ${detailOf(thrown)}`, thrown)
    }
    if (answer === 'fail' || answer === 'skip' || answer === 'deadLetter') return answer
    if (!(answer instanceof Promise)) throw this.#failed(error, `answered ${described(answer)}`)
    // Whatever becomes of it, the error below is the one to see.
    answer.catch(() => undefined)
    throw this.#failed(error, 'answered with a Promise, but it has to answer at once')
  }

  #deadLetterTopic(error: StreamsError): string {
    const { deadLetterTopic } = this.#settings
    if (deadLetterTopic !== undefined) return deadLetterTopic
    throw this.#failed(error, "answered 'deadLetter', but the application has no deadLetterTopic to put the record in")
  }

  /** The function is at fault as well. Its error does not pass, whatever the one was that it was asked about. */
  #failed(error: StreamsError, fault: string, thrown?: unknown): StreamsError {
    const hint = fault.startsWith('answered ') ? ". It has to be 'fail', 'skip' or 'deadLetter'" : ''
    return this.#ending(
      new StreamsError(`${error.message}; and the function of onError for ${error.kind} ${fault}${hint}`, {
        ...placeOf(error),
        code: 'ERROR_HANDLER_FAILED',
        retriable: false,
        outcome: 'failed',
        cause: new AggregateError(
          thrown === undefined ? [error] : [error, thrown],
          'the error, and what its handler threw',
        ),
      }),
    )
  }

  #ending<E extends Error>(error: E): E {
    this.#final.add(error)
    return error
  }
}

function described(answer: unknown): string {
  if (typeof answer === 'string') return `'${answer}'`
  return typeof answer === 'object' && answer !== null ? 'an object' : String(answer)
}
