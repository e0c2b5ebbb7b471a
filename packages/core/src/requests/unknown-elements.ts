import type { ErrorFields } from '../errors/error-fields.ts'
import type { DescribeTransactionsResponse } from '../protocol/65-describe-transactions.ts'
import type { DescribeGroupsResponse } from '../protocol/69-describe-groups.ts'

/** The description of an unknown group. */
export function unknownGroup(groupId: string, error: ErrorFields): DescribeGroupsResponse['groups'][number] {
  return { ...error, groupId, groupState: 'Dead', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] }
}

/** The description of an unknown transactional id. */
export function unknownTransaction(
  transactionalId: string,
  error: ErrorFields,
): DescribeTransactionsResponse['transactionStates'][number] {
  return {
    ...error,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: -1,
    transactionStartTimeMs: -1,
    producerId: -1,
    producerEpoch: -1,
    topics: [],
  }
}
