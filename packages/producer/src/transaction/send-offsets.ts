import { isKafkaError, type KafkaError, type TransactionOffsets, type Transport } from '@kafkado/core'
import { type AttemptLimits, commitOffsetsInTransaction } from '@kafkado/core/internal'
import type { ProducerIdAndEpoch } from '../batch/producer-identity.ts'
import { GoneOffsets } from './gone-offsets.ts'

/** How often the offsets are sent again because the group has moved on meanwhile. */
const mostRenewals = 5

/** Asks until there is an answer, as long as an error is worth it. */
type UntilAnswered = (
  ask: (attempt: AttemptLimits) => Promise<void>,
  isWorthwhile: (error: KafkaError) => boolean,
) => Promise<void>

/**
 * Makes offsets a part of a transaction, but for topics that are gone. Before and after each attempt the reader says
 * anew as which member it reads, or that what it has read is no longer its own: that ends it at once, as others process
 * these records again.
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
    // What was lost while the request was on its way may have been read again before it arrived.
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

/** The group has gone on to another epoch of the member, which may still own what it has read. */
function isStaleEpoch(error: unknown): boolean {
  return isKafkaError(error, 'ILLEGAL_GENERATION', 'STALE_MEMBER_EPOCH')
}
