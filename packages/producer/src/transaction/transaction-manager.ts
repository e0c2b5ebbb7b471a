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
  type AttemptLimits,
  errorOfAttempts,
  errorOfCode,
  LongLivedAbortController,
  messageOf,
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

/** The states that may come before each state. */
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
 * The caller should see the producer's own error soon. The next transaction or the timeout finishes an incomplete
 * abort.
 */
const abortTimeLimitMs = 10_000

const unknownIdentity: ProducerIdAndEpoch = { producerId: -1, producerEpoch: -1 }

export interface TransactionSettings {
  readonly transactionalId: string
  readonly deliveryTimeoutMs: number
  readonly retryBackoffMs: number
  readonly runtime: Runtime
}

/**
 * Runs the transactions of one transactional id, one after the other, as KIP-890 defines them. Writing to a partition
 * enrols it. Each commit or abort gives the next epoch, where numbering starts over.
 *
 * A request with an unknown outcome is sent again: the server gives the same answer to the same epoch. If the outcome
 * stays unknown, the next transaction first requests the producer id again, which ends anything left open.
 */
export class TransactionManager implements IdentitySource {
  readonly transactionalId: string
  readonly #transport: Transport
  readonly #settings: TransactionSettings
  readonly #onFailed: (reason: KafkaError) => void
  #state: State = 'uninitialised'
  #identity: ProducerIdAndEpoch
  #timeoutMs = 0
  /** How long the caller waits for an answer: to the begin, to offsets or to the end. */
  #patienceMs = Infinity
  /** Whether the server may know of the transaction. Only then it has to be ended. */
  #isEnrolled = false
  /** Whether the server accepted anything. If it refused everything, it may know no transaction to commit. */
  #hasContent = false
  #failure: unknown
  /** Aborts when the transaction can only be aborted, so that nobody waits for the rest of it. */
  #failing: AbortController = new LongLivedAbortController()

  /**
   * @param onFailed called when the transaction can only be aborted: records that wait to be sent are no longer needed
   * @param identity the last known identity of the id, by which the server tells whether somebody else has taken it
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

  /** The identity under which the server knows the id. */
  get identity(): ProducerIdAndEpoch {
    return this.#identity
  }

  /** Why the transaction can only be aborted. */
  get failure(): unknown {
    return this.#failure
  }

  /**
   * @param timeoutMs the server aborts the transaction after this time
   * @param patienceMs the longest to wait for each answer, besides the delivery timeout
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

  /** A transaction has no next epoch. It can continue only if the sender of the batch can do without that batch. */
  onGap(error: unknown, batch: ProducerBatch, queue: PartitionQueue): ProducerIdentity | undefined {
    if (isRefused(error) && closeGap(queue, batch)) return batch.identity
    this.fail(error)
    return undefined
  }

  /** A part of the transaction succeeded, so there is something to commit. */
  taken(): void {
    this.#hasContent = true
  }

  /** A part of the transaction is missing, so it must not be committed. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return
    this.#failure = error
    this.#change('failed')
    this.#failing.abort(error)
    this.#onFailed(this.#abortable())
  }

  /** The error for every other operation of a transaction after one has failed. They are all refused. */
  #abortable(): KafkaError {
    const error = this.#failure
    const message =
      `the transaction of '${this.transactionalId}' is aborted because a part of it failed: ` + `${messageOf(error)}`
    return errorOfCode('TRANSACTION_ABORTABLE', { detail: message }, { cause: error, retriable: false })
  }

  /**
   * Adds the offsets to the transaction.
   *
   * @throws the reader's error when it has lost the partitions that it read
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
   * @param over aborts when nobody waits for the commit any longer
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
   * Never rejects: the next transaction of the id, or the timeout, finishes an incomplete abort.
   *
   * @param over as for {@link commit}
   * @param lateLimitMs given when the transaction's time is over: how long one short attempt may still take
   * @returns whether the transaction is known to be aborted
   */
  async abort(over: AbortSignal, lateLimitMs: number | undefined): Promise<boolean> {
    this.#change('ending')
    try {
      if (lateLimitMs !== undefined) await this.#end(false, lateLimitMs, undefined)
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
        // The server forgets an id that was unused for long, and with it every other owner of the id.
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

  /** Retries while that may help. If an attempt may have been carried out, the last error says so. */
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
