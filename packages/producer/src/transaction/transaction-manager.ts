import {
  endTxn,
  initProducerId,
  isKafkaError,
  KafkaError,
  ProducerFencedError,
  type Runtime,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import {
  LongLivedAbortController,
  type AttemptLimits,
  errorOfAttempts,
  errorOfCode,
  untilAnswered,
  withOutcome,
} from '@kafkado/core/internal'
import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { ProducerIdAndEpoch, ProducerIdentity } from '../batch/producer-identity.ts'
import { isRefused } from '../record/record-refusal.ts'
import type { IdentitySource } from '../send/identity-source.ts'
import { closeGap } from './close-gap.ts'
import { sendOffsets } from './send-offsets.ts'

/** Which states may come before each one. */
const predecessors = {
  uninitialised: ['ending', 'fenced'],
  ready: ['uninitialised', 'ending'],
  open: ['ready'],
  failed: ['open'],
  ending: ['open', 'failed'],
  fenced: ['uninitialised'],
} as const satisfies Record<string, readonly string[]>

type State = keyof typeof predecessors

/**
 * The producer's own error is to be seen soon; what an abort leaves undone the next transaction or the timeout does.
 */
const abortTimeLimitMs = 10_000
/** When the timeout is over already, the server has aborted it, or will now. */
const lateAbortTimeLimitMs = 1000

const unknownIdentity: ProducerIdAndEpoch = { producerId: -1, producerEpoch: -1 }

export interface TransactionSettings {
  readonly transactionalId: string
  readonly deliveryTimeoutMs: number
  readonly retryBackoffMs: number
  readonly runtime: Runtime
}

/**
 * The transactions of one transactional id, one after the other, as KIP-890 has them: writing enrols a partition by
 * itself, and each end gives the next epoch, at which numbering begins anew.
 *
 * A request whose outcome is not known is asked again, because the server answers the same to the same epoch. When it
 * stays unknown the next transaction begins by asking for the id again, which ends whatever was left open.
 */
export class TransactionManager implements IdentitySource {
  readonly transactionalId: string
  readonly #transport: Transport
  readonly #settings: TransactionSettings
  readonly #onFailed: (reason: KafkaError) => void
  #state: State = 'uninitialised'
  #identity: ProducerIdAndEpoch
  #timeoutMs = 0
  /** How long the caller waits for an answer, be it to the begin, to offsets or to the end. */
  #patienceMs = Infinity
  /** Whether the server may know of the transaction: only then it has to be ended. */
  #isEnrolled = false
  /** Whether anything was taken: where all was refused the server may know of no transaction that it could commit. */
  #hasContent = false
  #failure: unknown
  /** Aborts when the transaction can only be aborted: then nothing of it is waited for any more. */
  #failing: AbortController = new LongLivedAbortController()

  /**
   * @param onFailed the transaction can only be aborted now, so what waits to be sent need not be
   * @param identity under which the id was known last, by which the server tells whether somebody else has taken it
   *   since
   */
  constructor(
    transport: Transport,
    settings: TransactionSettings,
    onFailed: (reason: KafkaError) => void,
    identity: ProducerIdAndEpoch = unknownIdentity,
  ) {
    this.transactionalId = settings.transactionalId
    this.#transport = transport
    this.#settings = settings
    this.#identity = identity
    this.#onFailed = onFailed
  }

  /** Under which the server knows the id. */
  get identity(): ProducerIdAndEpoch {
    return this.#identity
  }

  /** Why the transaction can only be aborted. */
  get failure(): unknown {
    return this.#failure
  }

  /**
   * @param timeoutMs after which the server aborts it
   * @param patienceMs how long each answer is waited for at most, besides the delivery timeout
   * @throws ProducerFencedError when a newer producer has the transactional id
   */
  async begin(timeoutMs: number, patienceMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#state === 'fenced') throw this.#failure
    this.#patienceMs = patienceMs
    if (this.#state === 'ready' && timeoutMs !== this.#timeoutMs) this.#state = 'uninitialised'
    if (this.#state === 'uninitialised') await this.#initialise(timeoutMs, signal)
    this.#failure = undefined
    this.#failing = new AbortController()
    this.#isEnrolled = false
    this.#hasContent = false
    this.#change('open')
  }

  isCurrent({ producerId, producerEpoch }: ProducerIdentity): boolean {
    this.#isEnrolled = true
    return producerId === this.#identity.producerId && producerEpoch === this.#identity.producerEpoch
  }

  request(): ReturnType<IdentitySource['request']> {
    if (this.#state === 'failed') return Promise.reject(this.#abortable())
    if (this.#state !== 'open') return Promise.reject(this.#failure as Error)
    this.#isEnrolled = true
    return Promise.resolve(this.#identity)
  }

  /** There is no next epoch within a transaction. It can go on where whoever has sent the batch can do without it. */
  onGap(error: unknown, batch: ProducerBatch, queue: PartitionQueue): ProducerIdentity | undefined {
    if (isRefused(error) && closeGap(queue, batch)) return batch.identity
    this.fail(error)
    return undefined
  }

  /** Something of the transaction was done, so there is something to commit. */
  taken(): void {
    this.#hasContent = true
  }

  /** Something of the transaction is missing, so it is not to be committed. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return
    this.#failure = error
    this.#change('failed')
    this.#failing.abort(error)
    this.#onFailed(this.#abortable())
  }

  /**
   * What is told of everything else in a transaction of which something failed: it is refused, whatever became of what
   * failed.
   */
  #abortable(): KafkaError {
    const error = this.#failure
    const message =
      `the transaction of '${this.transactionalId}' is aborted because something of it failed: ` +
      `${error instanceof Error ? error.message : String(error)}`
    return errorOfCode('TRANSACTION_ABORTABLE', { detail: message }, { cause: error, retriable: false })
  }

  /**
   * Makes the offsets a part of the transaction.
   *
   * @throws what the reader throws, when what was read is no longer its own
   */
  async commitOffsets(reader: TransactionOffsets): Promise<void> {
    if (reader.offsets.length === 0) return
    this.#isEnrolled = true
    const { transactionalId } = this
    await sendOffsets(this.#transport, { transactionalId, ...this.#identity }, reader, (ask, isWorthwhile) =>
      this.#untilAnswered(
        `the offsets of group '${reader.groupId}' in the transaction of '${transactionalId}'`,
        this.#settings.deliveryTimeoutMs,
        this.#failing.signal,
        ask,
        isWorthwhile,
      ),
    )
  }

  /**
   * @param over aborts when it is waited for no longer
   * @throws KafkaError with the outcome `unknown` when nobody can tell whether it was committed
   */
  async commit(over: AbortSignal): Promise<void> {
    this.#change('ending')
    try {
      await this.#end(this.#hasContent, this.#settings.deliveryTimeoutMs, over)
      this.#change('ready')
    } catch (error) {
      this.#change('uninitialised')
      throw errorOfAttempts(error, over.aborted)
    }
  }

  /**
   * Does not fail: what cannot be aborted now is aborted by the next transaction of the id, or by its timeout.
   *
   * @param over as for {@link commit}
   * @param isLate whether the time of the transaction is over: then it is still tried, for a moment
   * @returns whether it is known to be aborted
   */
  async abort(over: AbortSignal, isLate: boolean): Promise<boolean> {
    this.#change('ending')
    try {
      if (isLate) await this.#end(false, lateAbortTimeLimitMs, undefined)
      else await this.#end(false, Math.min(abortTimeLimitMs, this.#timeoutMs), over)
      this.#change('ready')
      return true
    } catch {
      this.#change('uninitialised')
      return false
    }
  }

  async #end(committed: boolean, timeLimitMs: number, over: AbortSignal | undefined): Promise<void> {
    if (!this.#isEnrolled) return
    const request = { transactionalId: this.transactionalId, ...this.#identity, committed }
    const what = `the ${committed ? 'commit' : 'abort'} of the transaction of '${this.transactionalId}'`
    const { producerId, producerEpoch } = await this.#untilAnswered(what, timeLimitMs, over, (attempt) =>
      this.#transport.send(endTxn, request, attempt),
    )
    this.#identity = { producerId, producerEpoch }
  }

  async #initialise(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { transactionalId } = this
    const ask = (attempt: AttemptLimits): Promise<ProducerIdAndEpoch> => {
      const request = { transactionalId, transactionTimeoutMs: timeoutMs, ...this.#identity }
      return this.#transport.send(initProducerId, request, attempt)
    }
    const what = `the producer id of '${transactionalId}'`
    const begin = (): Promise<ProducerIdAndEpoch> =>
      this.#untilAnswered(what, this.#settings.deliveryTimeoutMs, signal, ask)
    try {
      const { producerId, producerEpoch } = await begin().catch((error: unknown) => {
        // The server has forgotten an id that was not used for long, and with it whoever else had it.
        if (!isKafkaError(error, 'INVALID_PRODUCER_ID_MAPPING') || this.#identity === unknownIdentity) throw error
        this.#identity = unknownIdentity
        return begin()
      })
      this.#identity = { producerId, producerEpoch }
      this.#timeoutMs = timeoutMs
      this.#change('ready')
    } catch (error) {
      if (ProducerFencedError.is(error)) {
        this.#failure = error
        this.#change('fenced')
      }
      // An id more or an epoch later is nothing that the caller has written.
      throw KafkaError.is(error) ? withOutcome(error, 'failed') : error
    }
  }

  /** Asks again while that may help. When an attempt may have been carried out, the last error says so. */
  #untilAnswered<T>(
    what: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    ask: (attempt: AttemptLimits) => Promise<T>,
    isWorthwhile?: (error: KafkaError) => boolean,
  ): Promise<T> {
    const { runtime, retryBackoffMs } = this.#settings
    const limits = { runtime, timeoutMs: Math.min(timeoutMs, this.#patienceMs), retryBackoffMs, signal }
    return untilAnswered(what, limits, ask, isWorthwhile)
  }

  #change(next: State): void {
    const allowed: readonly string[] = predecessors[next]
    if (!allowed.includes(this.#state))
      throw new Error(`transaction '${this.transactionalId}': ${this.#state} cannot become ${next}`)
    this.#state = next
  }
}
