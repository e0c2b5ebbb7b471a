import { type AnyOperation, type KafkaErrorName, produce, UnauthorizedError } from '@kafkado/core'
import type { ProduceRequest } from '@kafkado/core/protocol'
import { producerIdOf } from '@kafkado/core/internal'
import type { ProducerOwners } from './producer-owners.ts'

/** The fields that a request of any operation may have. */
interface NamesProducer {
  readonly producerId?: number
  readonly transactionalId?: string | null
}

/**
 * Refuses a request that names a producer id of another principal, before anything of it is carried out. Consumers see
 * the id and epoch of every producer in its batches; with these alone, they could fence it or write in its name.
 *
 * Producers take both errors as final, in Kafka too; they would retry INVALID_PRODUCER_EPOCH with a new epoch. And
 * unlike PRODUCER_FENCED, these do not say that somebody else has taken over.
 *
 * @throws UnauthorizedError TRANSACTIONAL_ID_AUTHORIZATION_FAILED, or CLUSTER_AUTHORIZATION_FAILED without a
 *   transactional id
 */
export function requireOwnProducers(
  owners: ProducerOwners,
  operation: AnyOperation,
  request: unknown,
  principal: string,
): void {
  const { producerId = -1, transactionalId = null } = request as NamesProducer
  const kafkaName = transactionalId === null ? 'CLUSTER_AUTHORIZATION_FAILED' : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  requireOwn(owners, producerId, principal, kafkaName)
  if (operation !== produce) return
  let last = -1
  for (const { partitions } of (request as ProduceRequest).topics) {
    for (const { records } of partitions) {
      const inBatch = idIn(records)
      if (inBatch !== last) requireOwn(owners, inBatch, principal, kafkaName)
      last = inBatch
    }
  }
}

function requireOwn(owners: ProducerOwners, producerId: number, principal: string, kafkaName: KafkaErrorName): void {
  if (producerId < 0 || owners.mayUse(principal, producerId)) return
  throw new UnauthorizedError(
    `the producer id ${producerId} was not given to '${principal}': a producer writes with the key that it ` +
      'began with; make a new producer for another key',
    { kafkaName },
  )
}

/** An id that is not exact is refused with the batch, in its partition. */
function idIn(records: Uint8Array): number {
  try {
    return producerIdOf(records)
  } catch {
    return -1
  }
}
