import type { StoredTransaction, TransactionState } from '../storage/metadata-record.ts'

/**
 * The states from which each state can follow. Kafka's PrepareCommit and PrepareAbort do not exist, because an end is
 * one atomic unit.
 */
const validPreviousStates: Readonly<Record<TransactionState, readonly (TransactionState | undefined)[]>> = {
  Empty: [undefined, 'Empty', 'CompleteCommit', 'CompleteAbort'],
  Ongoing: ['Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'],
  CompleteCommit: ['Ongoing'],
  // Without an open transaction too: a producer whose writes all failed does not know whether one was begun.
  CompleteAbort: ['Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'],
}

export const transactionStates: readonly string[] = Object.keys(validPreviousStates)

interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
}

/** Asserts that a state may follow another. An invalid transition is a fault of this program, never of a client. */
function follow(previous: TransactionState | undefined, next: TransactionState): TransactionState {
  if (validPreviousStates[next].includes(previous)) return next
  throw new Error(`a transaction cannot go from ${previous} to ${next}`)
}

/** After initProducerId. */
export function identified(
  before: TransactionState | undefined,
  { producerId, producerEpoch }: Identity,
  previous: StoredTransaction['previous'],
  timeoutMs: number,
  nowMs: number,
): StoredTransaction {
  return {
    producerId,
    producerEpoch,
    timeoutMs,
    state: follow(before, 'Empty'),
    logIds: [],
    groupIds: [],
    startMs: -1,
    lastUpdateMs: nowMs,
    previous,
    endedByClient: false,
  }
}

/** With these logs and this group enrolled; the same object if they already were. */
export function begun(
  transaction: StoredTransaction,
  logIds: readonly number[],
  groupId: string | undefined,
  nowMs: number,
): StoredTransaction {
  const isOpen = transaction.state === 'Ongoing'
  const newLogs = logIds.filter((logId) => !transaction.logIds.includes(logId))
  const newGroups = groupId === undefined || transaction.groupIds.includes(groupId) ? [] : [groupId]
  if (isOpen && newLogs.length === 0 && newGroups.length === 0) return transaction
  return {
    ...transaction,
    state: follow(transaction.state, 'Ongoing'),
    logIds: [...transaction.logIds, ...new Set(newLogs)],
    groupIds: [...transaction.groupIds, ...newGroups],
    startMs: isOpen ? transaction.startMs : nowMs,
    lastUpdateMs: nowMs,
    endedByClient: false,
  }
}

/**
 * After the end. A request of the former epoch counts as a repetition only if the client itself ended the transaction.
 */
export function completed(
  transaction: StoredTransaction,
  { producerId, producerEpoch }: Identity,
  committed: boolean,
  endedByClient: boolean,
  nowMs: number,
): StoredTransaction {
  return {
    ...transaction,
    producerId,
    producerEpoch,
    state: follow(transaction.state, committed ? 'CompleteCommit' : 'CompleteAbort'),
    logIds: [],
    groupIds: [],
    startMs: -1,
    lastUpdateMs: nowMs,
    previous: [transaction.producerId, transaction.producerEpoch],
    endedByClient,
  }
}
