import {
  codeOf,
  describeTransactions,
  listTransactions as listTransactionsOperation,
  type Transport,
} from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'

export interface TransactionSummary {
  readonly id: string
  /** Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort or Dead. */
  readonly state: string
  readonly producerId: number
  readonly producerEpoch: number
  /** When the open transaction began, in milliseconds since the epoch; undefined when none is open. */
  readonly startedMs: number | undefined
  readonly timeoutMs: number
  /** The partitions that the open transaction has written to. */
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
}

/**
 * The known transactional ids in alphabetical order, with the open transaction of each. Those that hold up readers of
 * committed records are `Ongoing`. Kafka: ListTransactions and DescribeTransactions (KIP-664).
 *
 * @throws KafkaError when the server refuses the request
 */
export async function listTransactions(transport: Transport): Promise<TransactionSummary[]> {
  const listing = { stateFilters: [], producerIdFilters: [], durationFilterMs: -1 }
  const { transactionStates: listed } = await transport.send(listTransactionsOperation, listing)
  if (listed.length === 0) return []
  const transactionalIds = listed.map(({ transactionalId }) => transactionalId).sort((a, b) => (a < b ? -1 : 1))
  const { transactionStates } = await transport.send(describeTransactions, { transactionalIds })
  return transactionStates
    .filter(({ errorCode, errorMessage, transactionalId }) => {
      // The server may have forgotten the id between the two requests.
      if (errorCode === codeOf('TRANSACTIONAL_ID_NOT_FOUND') || errorCode === 0) return errorCode === 0
      throw errorOfCode(errorCode, { detail: errorMessage ?? `transactional id '${transactionalId}'` })
    })
    .map((found) => ({
      id: found.transactionalId,
      state: found.transactionState,
      producerId: found.producerId,
      producerEpoch: found.producerEpoch,
      startedMs: found.transactionStartTimeMs < 0 ? undefined : found.transactionStartTimeMs,
      timeoutMs: found.transactionTimeoutMs,
      partitions: found.topics.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      ),
    }))
}
