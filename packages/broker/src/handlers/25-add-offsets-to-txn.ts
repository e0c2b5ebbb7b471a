import { addOffsetsToTxn } from '@kafkado/core'
import { checkIdentifier } from '../refusals/identifiers.ts'
import { handles } from './handler.ts'

export const handleAddOffsetsToTxn = handles(addOffsetsToTxn, async (engine, request) => {
  checkIdentifier('group id', request.groupId, 'INVALID_GROUP_ID')
  const changes = engine.begin()
  engine.transactions.enrol(changes, request, [], request.groupId)
  await engine.commit(changes)
  return { throttleTimeMs: 0 }
})
