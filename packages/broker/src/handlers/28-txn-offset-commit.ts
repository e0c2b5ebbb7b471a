import { ProducerFencedError, txnOffsetCommit } from '@kafkado/core'
import type { TxnOffsetCommitRequest } from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'
import type { Engine } from '../engine/engine.ts'
import { checkTransactionalCommit } from '../group/commit-checks.ts'
import { keepEach } from './committed-partitions.ts'
import { handles } from './handler.ts'

/** Keeps offsets apart until the producer's transaction ends. */
export const handleTxnOffsetCommit = handles(txnOffsetCommit, async (engine, request) => {
  const { groupId, producerId } = request
  checkProducer(engine, request)
  checkTransactionalCommit(engine.groups.commitGroup(groupId), { ...request, memberEpoch: request.generationId })
  engine.groups.bounds.requireRoomFor(groupId)
  const changes = engine.begin()
  const topics = keepEach(engine, request.topics, (topic, partition, offset) =>
    engine.groups.offsets.putPending(changes, groupId, producerId, topic, partition, offset),
  )
  engine.transactions.enrol(changes, request, [], groupId)
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics }
})

/** As for its writes, a fenced producer gets the older of the two errors here. */
function checkProducer(engine: Engine, request: TxnOffsetCommitRequest): void {
  try {
    engine.transactions.check(request)
  } catch (error) {
    throw ProducerFencedError.is(error) ? errorOfCode('INVALID_PRODUCER_EPOCH', { detail: error.message }) : error
  }
}
