import { initProducerId } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { handles } from './handler.ts'

/** Gives each producer a new id; a transactional id keeps its own, at a new epoch, while one principal uses it. */
export const handleInitProducerId = handles(initProducerId, async (engine, request, _signal, principal) => {
  const { transactionalId } = request
  if (request.producerId === -1 ? request.producerEpoch !== -1 : request.producerEpoch === -1)
    throw errorOfCode('INVALID_REQUEST', {
      detail:
        `a producer that goes on names its id and its epoch, and a new one neither (both -1); the request has ` +
        `${request.producerId} and ${request.producerEpoch}`,
    })
  const changes = engine.begin()
  const { producerId, producerEpoch } =
    transactionalId === null
      ? { producerId: engine.producerIds.next(changes, principal), producerEpoch: 0 }
      : engine.transactions.initProducerId(changes, transactionalId, request, principal)
  await engine.commit(changes)
  return { throttleTimeMs: 0, producerId, producerEpoch }
})
