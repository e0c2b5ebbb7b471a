import { type KafkaErrorName, UnauthorizedError } from '@kafkado/core'
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
export function requireOwnProducer(owners: ProducerOwners, request: unknown, principal: string): void {
  const { producerId = -1, transactionalId = null } = request as NamesProducer
  requireOwn(owners, producerId, principal, transactionalId)
}

/**
 * Does so for the producers of the batches in a produce request. Only a batch that is sound names its producer: the
 * bytes in that place of any other mean nothing.
 *
 * @param producerIds of the sound batches
 * @throws UnauthorizedError
 */
export function requireOwnBatches(
  owners: ProducerOwners,
  producerIds: Iterable<number>,
  principal: string,
  transactionalId: string | null,
): void {
  let last = -1
  for (const producerId of producerIds) {
    if (producerId !== last) requireOwn(owners, producerId, principal, transactionalId)
    last = producerId
  }
}

function requireOwn(
  owners: ProducerOwners,
  producerId: number,
  principal: string,
  transactionalId: string | null,
): void {
  if (producerId < 0 || owners.mayUse(principal, producerId)) return
  const kafkaName: KafkaErrorName =
    transactionalId === null ? 'CLUSTER_AUTHORIZATION_FAILED' : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  throw new UnauthorizedError(
    `the producer id ${producerId} was not given to '${principal}': a producer writes with the key that it ` +
      'began with; make a new producer for another key',
    { kafkaName },
  )
}
