import type { addOffsetsToTxn } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { StorageChanges } from '../storage/storage.ts'
import type { Handler } from './handler.ts'

export const handleAddOffsetsToTxn: Handler<typeof addOffsetsToTxn> = async (engine, request) => {
  if (request.groupId === '') throw errorOfCode('INVALID_GROUP_ID', { detail: 'the group id is empty' })
  const changes = new StorageChanges()
  engine.transactions.enrol(changes, request, [], request.groupId)
  await engine.durable(changes)
  return { throttleTimeMs: 0 }
}
