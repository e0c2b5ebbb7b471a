import { endTxn } from '@kafkado/core'
import { handles } from './handler.ts'

/**
 * Commits or aborts. The markers in all partitions, the offsets and the new epoch form one unit, which a crash cannot
 * split.
 */
export const handleEndTxn = handles(endTxn, async (engine, request) => {
  const changes = engine.beginEnding()
  const { producerId, producerEpoch } = engine.transactions.end(changes, request)
  await engine.commit(changes)
  return { throttleTimeMs: 0, producerId, producerEpoch }
})
