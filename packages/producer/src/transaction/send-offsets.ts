import { isKafkaError, type KafkaError, type TransactionOffsets, type Transport } from '@kafkado/core'
import { type AttemptLimits, commitOffsetsInTransaction } from '@kafkado/core/internal'
import type { ProducerIdAndEpoch } from '../batch/producer-identity.ts'
import { GoneOffsets } from './gone-offsets.ts'

/** How often the offsets are sent again after the group has moved to another epoch. */
const mostRenewals = 5

/** Retries while the error allows it. */
type UntilAnswered = (
  ask: (attempt: AttemptLimits) => Promise<void>,
  isWorthwhile: (error: KafkaError) => boolean,
) => Promise<void>

/**
 * Adds offsets to a transaction, except those of deleted topics. Before and after each attempt, the reader tells its
 * current member id and epoch. If it has lost its partitions it throws, which ends the attempts at once: other members
 * process these records again.
 */
export async function sendOffsets(
  transport: Transport,
  producer: ProducerIdAndEpoch & { readonly transactionalId: string },
  reader: TransactionOffsets,
  untilAnswered: UntilAnswered,
): Promise<void> {
  let lost: { readonly error: unknown } | undefined
  const gone = new GoneOffsets<TransactionOffsets['offsets'][number]>()
  const member = (): ReturnType<TransactionOffsets['member']> => {
    try {
      return reader.member()
    } catch (error) {
      lost = { error }
      throw error
    }
  }
  const send = async (attempt: AttemptLimits): Promise<void> => {
    attempt.signal.throwIfAborted()
    const { memberId, memberEpoch } = member()
    const { groupId, groupInstanceId } = reader
    const offsets = gone.leftOf(reader.offsets)
    const commit = { ...producer, groupId, memberId, generationId: memberEpoch, groupInstanceId, offsets }
    const refusal = gone.refusalOf(offsets, await commitOffsetsInTransaction(transport, commit, attempt))
    if (refusal) throw refusal
    // If the partitions were lost while the request was on its way, others may have read the records again.
    member()
  }
  const ask = async (attempt: AttemptLimits): Promise<void> => {
    for (let renewals = 0; ; renewals++) {
      try {
        await send(attempt)
        return
      } catch (error) {
        if (lost || renewals === mostRenewals || !isStaleEpoch(error)) throw error
        await reader.renewMember()
      }
    }
  }
  try {
    await untilAnswered(ask, (error) => !lost && error.retriable)
  } catch (error) {
    throw lost ? lost.error : error
  }
}

/** The group has moved the member to another epoch; the member may still own what it read. */
function isStaleEpoch(error: unknown): boolean {
  return isKafkaError(error, 'ILLEGAL_GENERATION', 'STALE_MEMBER_EPOCH')
}
