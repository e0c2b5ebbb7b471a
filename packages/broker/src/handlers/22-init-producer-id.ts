import type { initProducerId } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { StorageChanges } from '../storage/storage.ts'
import type { Handler } from './handler.ts'

export const handleInitProducerId: Handler<typeof initProducerId> = async (engine, { transactionalId }) => {
  if (transactionalId !== null)
    throw errorOfCode('UNSUPPORTED_VERSION', { detail: 'the embedded engine has no transactions yet' })
  const changes = new StorageChanges()
  const producerId = engine.producerIds.next(changes)
  await engine.commit(changes)
  return { throttleTimeMs: 0, producerId, producerEpoch: 0 }
}
