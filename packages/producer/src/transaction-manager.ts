import {
  endTxn,
  errorCodeOf,
  initProducerId,
  KafkaError,
  ProducerFencedError,
  type Runtime,
  type TransactionOffsets,
  type Transport,
  txnOffsetCommit,
} from '@kafkado/core'
import { backoffOf, errorOfAttempts, errorOfCode, sleep } from '@kafkado/core/internal'
import type { IdentitySource, ProducerIdentity } from './producer-identity.ts'

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

/** The producer's own error is to be seen soon; what an abort leaves undone the next transaction or the timeout does. */
const abortTimeLimitMs = 10_000

/** How often the offsets are committed again because the group has moved on meanwhile. */
const mostRenewals = 5

export interface TransactionSettings {
  readonly transactionalId: string
  readonly deliveryTimeoutMs: number
  readonly retryBackoffMs: number
  readonly runtime: Runtime
}

/**
 * The transactions of one transactional id, one after the other, as KIP-890 has them: writing enrols a partition by itself, and each end
 * gives the next epoch, at which numbering begins anew.
 *
 * A request whose outcome is not known is asked again, because the server answers the same to the same epoch. When it stays unknown the next
 * transaction begins by asking for the id again, which ends whatever was left open.
 */
export class TransactionManager implements IdentitySource {
  readonly transactionalId: string
  readonly #transport: Transport
  readonly #settings: TransactionSettings
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #onFailed: (reason: KafkaError) => void
  #state: State = 'uninitialised'
  #identity = { producerId: -1, producerEpoch: -1 }
  #timeoutMs = 0
  /** Whether the server may know of the transaction: only then it has to be ended. */
  #isEnrolled = false
  #failure: unknown

  /** @param onFailed the transaction can only be aborted now, so what waits to be sent need not be */
  constructor(transport: Transport, settings: TransactionSettings, onFailed: (reason: KafkaError) => void) {
    this.transactionalId = settings.transactionalId
    this.#transport = transport
    this.#settings = settings
    this.#backoffMs = backoffOf({ backoff: settings.retryBackoffMs, maxBackoff: 1000 }, settings.runtime)
    this.#onFailed = onFailed
  }

  /** Why the transaction can only be aborted. */
  get failure(): unknown {
    return this.#failure
  }

  /**
   * @param timeoutMs after which the server aborts it
   * @throws ProducerFencedError when a newer producer has the transactional id
   */
  async begin(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#state === 'fenced') throw this.#failure
    if (this.#state === 'ready' && timeoutMs !== this.#timeoutMs) this.#state = 'uninitialised'
    if (this.#state === 'uninitialised') await this.#initialise(timeoutMs, signal)
    this.#failure = undefined
    this.#isEnrolled = false
    this.#change('open')
  }

  isCurrent({ producerId, producerEpoch }: ProducerIdentity): boolean {
    this.#isEnrolled = true
    return producerId === this.#identity.producerId && producerEpoch === this.#identity.producerEpoch
  }

  request(): ReturnType<IdentitySource['request']> {
    if (this.#state !== 'open') return Promise.reject(this.#failure as Error)
    this.#isEnrolled = true
    return Promise.resolve(this.#identity)
  }

  onGap(error: unknown): undefined {
    this.fail(error)
  }

  /** Something of the transaction is missing, so it is not to be committed. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return
    this.#failure = error
    this.#change('failed')
    const message = `the transaction of '${this.transactionalId}' is aborted because something of it failed: ${error instanceof Error ? error.message : String(error)}`
    this.#onFailed(errorOfCode('TRANSACTION_ABORTABLE', { detail: message }, { cause: error, retriable: false }))
  }

  /** Makes the offsets a part of the transaction. */
  async commitOffsets(reader: TransactionOffsets): Promise<void> {
    const { groupId, groupInstanceId, offsets } = reader
    if (offsets.length === 0) return
    const byTopic = Map.groupBy(offsets, ({ topic }) => topic)
    const topics = [...byTopic].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition, offset }) => ({
        partition,
        committedOffset: offset,
        committedLeaderEpoch: -1,
        committedMetadata: null,
      })),
    }))
    this.#isEnrolled = true
    const send = async (): Promise<void> => {
      const { memberId, memberEpoch } = reader.member()
      const response = await this.#transport.send(txnOffsetCommit, {
        transactionalId: this.transactionalId,
        ...this.#identity,
        groupId,
        memberId,
        generationId: memberEpoch,
        groupInstanceId,
        topics,
      })
      for (const { topic, partitions } of response.topics) {
        for (const { partition, errorCode, errorMessage } of partitions)
          if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: errorMessage })
      }
    }
    await this.#untilAnswered(this.#settings.deliveryTimeoutMs, async () => {
      for (let renewals = 0; ; renewals++) {
        try {
          await send()
          return
        } catch (error) {
          if (renewals === mostRenewals || !KafkaError.is(error) || nameOf(error) !== 'ILLEGAL_GENERATION') throw error
          await reader.renewMember()
        }
      }
    })
  }

  /** @throws KafkaError with the outcome `unknown` when nobody can tell whether it was committed */
  async commit(): Promise<void> {
    this.#change('ending')
    try {
      await this.#end(true, this.#settings.deliveryTimeoutMs)
      this.#change('ready')
    } catch (error) {
      this.#change('uninitialised')
      throw error
    }
  }

  /** Does not fail: what cannot be aborted now is aborted by the next transaction of the id, or by its timeout. */
  async abort(): Promise<void> {
    this.#change('ending')
    try {
      await this.#end(false, abortTimeLimitMs)
      this.#change('ready')
    } catch {
      this.#change('uninitialised')
    }
  }

  async #end(committed: boolean, timeLimitMs: number): Promise<void> {
    if (!this.#isEnrolled) return
    const { producerId, producerEpoch } = await this.#untilAnswered(timeLimitMs, () =>
      this.#transport.send(endTxn, { transactionalId: this.transactionalId, ...this.#identity, committed }),
    )
    this.#identity = { producerId, producerEpoch }
  }

  async #initialise(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const ask = (): Promise<{ producerId: number; producerEpoch: number }> =>
      this.#transport.send(
        initProducerId,
        { transactionalId: this.transactionalId, transactionTimeoutMs: timeoutMs, ...this.#identity },
        signal ? { signal } : {},
      )
    try {
      const { producerId, producerEpoch } = await this.#untilAnswered(this.#settings.deliveryTimeoutMs, ask, signal)
      this.#identity = { producerId, producerEpoch }
      this.#timeoutMs = timeoutMs
      this.#change('ready')
    } catch (error) {
      if (ProducerFencedError.is(error)) {
        this.#failure = error
        this.#change('fenced')
      }
      throw error
    }
  }

  /** Asks again while that may help. When an attempt may have been carried out, the last error says so. */
  async #untilAnswered<T>(timeLimitMs: number, ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock } = this.#settings.runtime
    const deadlineMs = clock.now() + timeLimitMs
    let isUnknown = false
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask()
      } catch (error) {
        if (!KafkaError.is(error)) throw error
        isUnknown ||= error.outcome === 'unknown'
        const isWorthwhile = error.retriable || nameOf(error) === 'CONCURRENT_TRANSACTIONS'
        const delayMs = this.#backoffMs(attempt, error)
        if (!isWorthwhile || clock.now() + delayMs > deadlineMs) throw errorOfAttempts(error, isUnknown)
        await sleep(clock, delayMs, signal)
      }
    }
  }

  #change(next: State): void {
    const allowed: readonly string[] = predecessors[next]
    if (!allowed.includes(this.#state))
      throw new Error(`transaction '${this.transactionalId}': ${this.#state} cannot become ${next}`)
    this.#state = next
  }
}

function nameOf({ kafkaCode }: KafkaError): string | undefined {
  return kafkaCode === undefined ? undefined : errorCodeOf(kafkaCode).name
}
