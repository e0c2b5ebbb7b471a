import type { Timer } from '@kafkado/core'
import type {
  DescribeTransactionsResponse,
  EndTxnRequest,
  InitProducerIdRequest,
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'
import type { EngineSettings } from '../settings/engine-options.ts'
import type { OffsetStore } from '../group/offset-store.ts'
import type { ProducerIds } from './producer-ids.ts'
import { momentOf } from '../records/stored-time.ts'
import type { Changes, Units } from '../records/changes.ts'
import type { MetadataRecord, StoredTransaction } from '../storage/metadata-record.ts'
import type { TopicRegistry } from '../topic/topic-registry.ts'
import { checkProducer, checkTimeout, type Producer } from './transaction-checks.ts'
import { begun, completed, identified, transactionStates } from './transaction-metadata.ts'

interface Parts {
  readonly topics: TopicRegistry
  readonly offsets: OffsetStore
  readonly producerIds: ProducerIds
  readonly settings: EngineSettings
  readonly units: Units
}

interface OpenTransaction {
  readonly sinceMs: number
  readonly timer: Timer
}

interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * Transactions by KIP-890: a write enrols its partition, and the end of a transaction gives the producer a new epoch,
 * so that no late write can slip into the next one. On a single node the end is one atomic unit: markers, offsets,
 * state and epoch. So Kafka's intermediate states do not exist.
 */
export class TransactionCoordinator {
  readonly #parts: Parts
  readonly #transactions = new Map<string, StoredTransaction>()
  /** The open transactions: their start, by the monotonic clock, and the timer that aborts them. */
  readonly #open = new Map<string, OpenTransaction>()
  /** The last use of each transactional id, by the monotonic clock. */
  readonly #usedMs = new Map<string, number>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** An open transaction keeps the rest of its time. */
  replay({ path: [transactionalId], value }: MetadataRecord<'transaction'>): void {
    if (value) this.#set(transactionalId, value)
    else this.#delete(transactionalId)
  }

  close(): void {
    for (const { timer } of this.#open.values()) timer.cancel()
  }

  /**
   * Returns the id and epoch to write with. Fences the previous owner of the transactional id, and aborts its open
   * transaction. A producer that continues sends its id and epoch; when it repeats the request because the answer was
   * lost, it gets the same answer.
   *
   * A transactional id that another principal takes over gets an id of that principal.
   *
   * @throws KafkaError PRODUCER_FENCED when the asking producer was fenced itself
   */
  initProducerId(
    changes: Changes,
    transactionalId: string,
    request: InitProducerIdRequest,
    principal?: string,
  ): Identity {
    checkTimeout(request, this.#parts.settings.maxTransactionTimeoutMs)
    const known = this.#transactions.get(transactionalId)
    const { transactionTimeoutMs: timeoutMs } = request
    const nowMs = this.#now()
    if (!known) {
      const producerId = this.#parts.producerIds.next(changes, principal)
      const identity = { producerId, producerEpoch: 0 }
      return this.#write(changes, transactionalId, identified(undefined, identity, null, timeoutMs, nowMs))
    }
    const expected = request.producerId < 0 ? undefined : ([request.producerId, request.producerEpoch] as const)
    const isRepeated =
      known.state !== 'Ongoing' &&
      known.previous?.[0] === expected?.[0] &&
      known.previous?.[1] === expected?.[1] &&
      expected !== undefined
    if (isRepeated) {
      // The next transaction has the timeout of this request, rather than that of the last one.
      const again = { ...known, timeoutMs, lastUpdateMs: nowMs }
      return known.timeoutMs === timeoutMs ? known : this.#write(changes, transactionalId, again)
    }
    if (expected && (expected[0] !== known.producerId || expected[1] !== known.producerEpoch)) {
      throw errorOfCode('PRODUCER_FENCED', {
        detail:
          `a newer producer has the transactional id '${transactionalId}': ` +
          `it is at epoch ${known.producerEpoch} of producer ${known.producerId}, ` +
          `this one at epoch ${expected[1]} of producer ${expected[0]}`,
      })
    }
    const successor =
      known.state === 'Ongoing' ? this.#end(changes, transactionalId, known, false) : this.#next(changes, known)
    const { producerIds } = this.#parts
    const next = producerIds.owners.mayUse(principal, successor.producerId)
      ? successor
      : { producerId: producerIds.next(changes, principal), producerEpoch: 0 }
    const previous = expected ? ([known.producerId, known.producerEpoch] as const) : null
    const state = this.#transactions.get(transactionalId)?.state
    return this.#write(changes, transactionalId, identified(state, next, previous, timeoutMs, nowMs))
  }

  /**
   * Checks whether the producer may write to its transaction, before anything is written.
   *
   * @throws KafkaError INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED or INVALID_REQUEST
   */
  check(producer: Producer): StoredTransaction {
    return checkProducer(producer, this.#transactions.get(producer.transactionalId))
  }

  /** Adds logs and a group to the producer's transaction, and begins one if none is open. */
  enrol(changes: Changes, producer: Producer, logIds: readonly number[], groupId?: string): void {
    const known = this.check(producer)
    const next = begun(known, logIds, groupId, this.#now())
    if (next !== known) this.#write(changes, producer.transactionalId, next)
  }

  /**
   * Commits or aborts, all in one unit.
   *
   * @throws KafkaError PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING, or INVALID_TXN_STATE when there is nothing to
   *   commit or it was decided otherwise
   */
  end(changes: Changes, request: EndTxnRequest): Identity {
    const { transactionalId, producerId, producerEpoch, committed } = request
    const known = this.#transactions.get(transactionalId)
    const isRepeated = known?.endedByClient && known.previous?.[0] === producerId && known.previous[1] === producerEpoch
    if (isRepeated) {
      if (known.state === (committed ? 'CompleteCommit' : 'CompleteAbort')) return known
      throw errorOfCode('INVALID_TXN_STATE', {
        detail:
          `the transaction of '${transactionalId}' was ${committed ? 'aborted' : 'committed'} already and ` +
          `cannot be ${committed ? 'committed' : 'aborted'} any more`,
      })
    }
    const transaction = this.check(request)
    if (transaction.state !== 'Ongoing' && committed)
      throw errorOfCode('INVALID_TXN_STATE', { detail: `'${transactionalId}' has no open transaction to commit` })
    return this.#end(changes, transactionalId, transaction, committed, true)
  }

  list({ stateFilters, producerIdFilters, durationFilterMs }: ListTransactionsRequest): ListTransactionsResponse {
    const nowMs = this.#parts.settings.runtime.clock.monotonic()
    const hasLasted = (transactionalId: string): boolean =>
      nowMs - (this.#open.get(transactionalId)?.sinceMs ?? Number.POSITIVE_INFINITY) >= durationFilterMs
    // Sets, because a request may list millions, and each is looked up for every transactional id.
    const states = new Set<string>(stateFilters)
    const producerIds = new Set(producerIdFilters)
    const found = [...this.#transactions].filter(
      ([transactionalId, { state, producerId }]) =>
        (states.size === 0 || states.has(state)) &&
        (producerIds.size === 0 || producerIds.has(producerId)) &&
        (durationFilterMs < 0 || hasLasted(transactionalId)),
    )
    return {
      throttleTimeMs: 0,
      unknownStateFilters: [...states].filter((state) => !transactionStates.includes(state)),
      transactionStates: found.map(([transactionalId, { producerId, state }]) => ({
        transactionalId,
        producerId,
        transactionState: state,
      })),
    }
  }

  describe(
    transactionalId: string,
  ): Omit<DescribeTransactionsResponse['transactionStates'][number], 'errorCode' | 'errorMessage'> | undefined {
    const known = this.#transactions.get(transactionalId)
    if (!known) return undefined
    const { producerId, producerEpoch, state, timeoutMs, startMs, logIds } = known
    return {
      transactionalId,
      transactionState: state,
      transactionTimeoutMs: timeoutMs,
      transactionStartTimeMs: startMs,
      producerId,
      producerEpoch,
      topics: this.#parts.topics.topicPartitions(logIds),
    }
  }

  /** Forgets transactional ids without use since that moment of the monotonic clock. */
  expire(changes: Changes, beforeMs: number): void {
    for (const [transactionalId, { state }] of this.#transactions) {
      if (state === 'Ongoing' || (this.#usedMs.get(transactionalId) as number) >= beforeMs) continue
      changes.put('transaction', [transactionalId], null)
    }
  }

  #end(
    changes: Changes,
    transactionalId: string,
    transaction: StoredTransaction,
    committed: boolean,
    byClient = false,
  ): Identity {
    const { topics, offsets } = this.#parts
    const { producerId, producerEpoch, logIds, groupIds } = transaction
    const nowMs = this.#now()
    const logs = logIds.flatMap((logId) => topics.logOf(logId) ?? [])
    // An unreadable log fails before another log has changed.
    for (const log of logs) log.prepareAppend()
    for (const log of logs)
      log.endTransaction(changes, committed ? 'commit' : 'abort', producerId, producerEpoch + 1, nowMs)
    for (const groupId of groupIds) offsets.endTransaction(changes, groupId, producerId, committed)
    const next = completed(transaction, this.#next(changes, transaction), committed, byClient, nowMs)
    return this.#write(changes, transactionalId, next)
  }

  /** The second last epoch is the last one given out: the marker that ends its transaction needs the next. */
  #next(changes: Changes, { producerId, producerEpoch }: StoredTransaction): Identity {
    if (producerEpoch < lastEpoch) return { producerId, producerEpoch: producerEpoch + 1 }
    const { producerIds } = this.#parts
    return { producerId: producerIds.next(changes, producerIds.owners.ownerOf(producerId)), producerEpoch: 0 }
  }

  #write(changes: Changes, transactionalId: string, transaction: StoredTransaction): Identity {
    changes.put('transaction', [transactionalId], transaction)
    return transaction
  }

  #delete(transactionalId: string): void {
    this.#transactions.delete(transactionalId)
    this.#usedMs.delete(transactionalId)
  }

  #set(transactionalId: string, transaction: StoredTransaction): void {
    const before = this.#transactions.get(transactionalId)
    this.#transactions.set(transactionalId, transaction)
    const { clock } = this.#parts.settings.runtime
    this.#usedMs.set(transactionalId, momentOf(clock, transaction.lastUpdateMs))
    if (before?.startMs === transaction.startMs && before.state === transaction.state) return
    this.#open.get(transactionalId)?.timer.cancel()
    this.#open.delete(transactionalId)
    if (transaction.state !== 'Ongoing') return
    const sinceMs = momentOf(clock, transaction.startMs)
    this.#planTimeOut(transactionalId, sinceMs, sinceMs + transaction.timeoutMs - clock.monotonic())
  }

  #planTimeOut(transactionalId: string, sinceMs: number, inMs: number): void {
    const { clock } = this.#parts.settings.runtime
    const timer = clock.schedule(inMs, () => this.#timeOut(transactionalId, sinceMs), 'background')
    this.#open.set(transactionalId, { sinceMs, timer })
  }

  /** Aborts a transaction that took too long. The epoch grows, so the producer is fenced. */
  #timeOut(transactionalId: string, sinceMs: number): void {
    const changes = this.#parts.units.beginEnding()
    try {
      this.#end(changes, transactionalId, this.#transactions.get(transactionalId) as StoredTransaction, false)
    } catch {
      // A log of it cannot be read, and nothing has changed. Nobody else would end the transaction, so it is retried.
      this.#planTimeOut(transactionalId, sinceMs, unreadableRetryMs)
      return
    }
    // If it cannot be stored, the engine stops, and the next request reports the error.
    this.#parts.units.commit(changes).catch(() => undefined)
  }

  #now(): number {
    return this.#parts.settings.runtime.clock.now()
  }
}

/** The pause before the next attempt to abort a transaction with unreadable logs. */
const unreadableRetryMs = 10_000

/** Epochs are 16-bit numbers in Kafka. */
const lastEpoch = 2 ** 15 - 2
