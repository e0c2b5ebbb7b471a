import {
  type AnyOperation,
  type Clock,
  codeOf,
  DisconnectedError,
  type Duration,
  type Interceptor,
  type KafkaErrorName,
  type Random,
  type RequestOf,
  type ResponseOf,
  type Runtime,
  type SendOptions,
  systemRuntime,
  type Transport,
} from '@kafkado/core'
import { errorOfCode, sleep, toMilliseconds } from '@kafkado/core/internal'
import { type OperationName, requireErrorName, requireOperation } from './operation-name.ts'

type Fault =
  | { readonly kind: 'error'; readonly error: KafkaErrorName }
  | { readonly kind: 'lost request' | 'lost answer' | 'duplicate' }
  | { readonly kind: 'delay'; readonly delayMs: number }

/** The probability of each fault for a request, from 0 to 1; a missing one never happens. */
export interface FaultRates {
  /** The request does not arrive, and the client hears nothing. */
  readonly lostRequest?: number
  /** The request is carried out, and its answer is lost. */
  readonly lostAnswer?: number
  /** The request is carried out twice. */
  readonly duplicate?: number
  /** The request arrives up to `longestDelay` (default 1 s) later, so that others may overtake it. */
  readonly delay?: number
  readonly longestDelay?: Duration
  /**
   * The request fails with one of `errors`, without being carried out. Default: REQUEST_TIMED_OUT or
   * NOT_LEADER_OR_FOLLOWER.
   */
  readonly error?: number
  readonly errors?: readonly KafkaErrorName[]
  /** The operations that may fail, by name. Default: all. */
  readonly operations?: readonly OperationName[]
}

/** A response with the error in every partition, for operations that answer by partition. */
const partitionFields: Readonly<Record<string, object>> = {
  produce: { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 },
  fetch: {
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
    records: new Uint8Array(0),
  },
  listOffsets: { timestamp: -1, offset: -1 },
  offsetCommit: {},
  txnOffsetCommit: {},
}

/** Failures on demand: those that a test orders, one request each, or random ones from a seed. */
export class Faults {
  readonly #clock: Clock
  readonly #random: Random
  readonly #planned: { readonly operation: OperationName; readonly fault: Fault }[] = []
  #rates: FaultRates = {}
  #happened = 0

  constructor({ clock, random }: Runtime = systemRuntime) {
    this.#clock = clock
    this.#random = random
  }

  /**
   * Makes the next request of an operation fail, without being carried out. Operations that answer by partition answer
   * with the error in each, as a broker does; the others reject.
   *
   * @param operation the name of the operation: `produce`, `fetch`, `offsetCommit`, …
   * @param error Kafka's name of the error
   * @throws InvalidRequestError when no operation or error has this name
   */
  failNext(operation: OperationName, error: KafkaErrorName): void {
    requireErrorName(error)
    this.#plan(operation, { kind: 'error', error })
  }

  /** The next request of the operation does not arrive; the client sees a broken connection. */
  loseRequest(operation: OperationName): void {
    this.#plan(operation, { kind: 'lost request' })
  }

  /**
   * The next request of the operation is carried out, and the client sees a broken connection instead of the answer.
   */
  loseAnswer(operation: OperationName): void {
    this.#plan(operation, { kind: 'lost answer' })
  }

  /** The next request of the operation arrives this much later. */
  delayNext(operation: OperationName, delay: Duration): void {
    this.#plan(operation, { kind: 'delay', delayMs: toMilliseconds(delay, 'delay') })
  }

  /** The next request of the operation is carried out twice; the second answer is returned. */
  duplicateNext(operation: OperationName): void {
    this.#plan(operation, { kind: 'duplicate' })
  }

  /**
   * From now on requests fail at random; `{}` ends it. The same seed gives the same faults for the same requests.
   *
   * @throws InvalidRequestError when no operation or error has this name
   */
  atRandom(rates: FaultRates): void {
    for (const operation of rates.operations ?? []) requireOperation(operation)
    for (const error of rates.errors ?? []) requireErrorName(error)
    this.#rates = rates
  }

  /** How many ordered failures are still to come. */
  get pending(): number {
    return this.#planned.length
  }

  /** How many requests have failed so far. */
  get happened(): number {
    return this.#happened
  }

  /** Cancels the ordered failures. */
  clear(): void {
    this.#planned.length = 0
    this.#rates = {}
  }

  /** Puts the failures between a client and its transport. */
  readonly interceptor: Interceptor = (next) => async (operation, request, options) => {
    const fault = this.#take(operation.name)
    if (!fault) return next(operation, request, options)
    this.#happened++
    return this.#carryOut(next, fault, operation, request, options)
  }

  async #carryOut<O extends AnyOperation>(
    next: Transport['send'],
    fault: Fault,
    operation: O,
    request: RequestOf<O>,
    options: SendOptions | undefined,
  ): Promise<ResponseOf<O>> {
    switch (fault.kind) {
      case 'error':
        return failure(operation, request, fault.error)
      case 'lost request':
        throw lost(operation)
      case 'lost answer':
        await next(operation, request, options)
        throw lost(operation)
      case 'duplicate':
        await next(operation, request, options)
        return next(operation, request, options)
      case 'delay':
        await sleep(this.#clock, fault.delayMs, options?.signal)
        return next(operation, request, options)
    }
  }

  #plan(operation: OperationName, fault: Fault): void {
    requireOperation(operation)
    this.#planned.push({ operation, fault })
  }

  #take(operation: string): Fault | undefined {
    const index = this.#planned.findIndex((planned) => planned.operation === operation)
    return index >= 0 ? this.#planned.splice(index, 1)[0]?.fault : this.#draw(operation)
  }

  #draw(operation: string): Fault | undefined {
    const { lostRequest = 0, lostAnswer = 0, duplicate = 0, delay = 0, error = 0, operations } = this.#rates
    if (operations && !operations.includes(operation as OperationName)) return undefined
    let left = this.#random.next()
    const happens = (rate: number): boolean => (left -= rate) < 0
    if (happens(lostRequest)) return { kind: 'lost request' }
    if (happens(lostAnswer)) return { kind: 'lost answer' }
    if (happens(duplicate)) return { kind: 'duplicate' }
    if (happens(delay)) {
      const longestMs = toMilliseconds(this.#rates.longestDelay ?? 1000, 'longestDelay')
      return { kind: 'delay', delayMs: Math.ceil(this.#random.next() * longestMs) }
    }
    const { errors = ['REQUEST_TIMED_OUT', 'NOT_LEADER_OR_FOLLOWER'] } = this.#rates
    if (!happens(error)) return undefined
    return { kind: 'error', error: errors[Math.floor(this.#random.next() * errors.length)] as KafkaErrorName }
  }
}

const detail = 'a fault that the test ordered'

function lost({ name }: AnyOperation): DisconnectedError {
  return new DisconnectedError(`${name}: the connection broke before the answer (${detail})`)
}

function failure<O extends AnyOperation>(operation: O, request: RequestOf<O>, error: KafkaErrorName): ResponseOf<O> {
  const fields = partitionFields[operation.name]
  if (!fields) throw errorOfCode(error, { detail })
  const { topics } = request as { topics: { topic: string; partitions: { partition: number }[] }[] }
  const answers = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({
      partition,
      errorCode: codeOf(error),
      errorMessage: detail,
      ...fields,
    })),
  }))
  return { throttleTimeMs: 0, topics: answers } as ResponseOf<O>
}
