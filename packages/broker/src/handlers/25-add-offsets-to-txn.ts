import type { addOffsetsToTxn } from '@kafkado/core'
import { checkIdentifier } from '../identifiers.ts'
import type { Handler } from './handler.ts'

export const handleAddOffsetsToTxn: Handler<typeof addOffsetsToTxn> = async (engine, request) => {
  checkIdentifier('group id', request.groupId, 'INVALID_GROUP_ID')
  const changes = engine.begin()
  engine.transactions.enrol(changes, request, [], request.groupId)
  await engine.commit(changes)
  return { throttleTimeMs: 0 }
}
