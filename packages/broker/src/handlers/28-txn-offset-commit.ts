import { ProducerFencedError, type txnOffsetCommit, type TxnOffsetCommitRequest } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { Engine } from '../engine.ts'
import { StorageChanges } from '../storage/storage.ts'
import { type Handler, noSuchPartition, succeeded } from './handler.ts'

/** Keeps offsets apart until the producer's transaction ends. */
export const handleTxnOffsetCommit: Handler<typeof txnOffsetCommit> = async (engine, request) => {
  const { groupId, producerId } = request
  checkProducer(engine, request)
  engine.groups.checkTransactionalCommit(request)
  const changes = new StorageChanges()
  const commitTimestampMs = engine.runtime.clock.now()
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, committedOffset, committedLeaderEpoch, committedMetadata: metadata }) => {
      const found = engine.topics.find(topic)
      if (!found?.partitions[partition])
        return { partition, ...noSuchPartition(topic, partition, found?.partitions.length) }
      const offset = { committedOffset, committedLeaderEpoch, metadata, commitTimestampMs }
      engine.groups.offsets.putPending(changes, groupId, producerId, topic, partition, offset)
      return { partition, ...succeeded }
    }),
  }))
  engine.transactions.enrol(changes, request, [], groupId)
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics }
}

/** Brokers tell a fenced producer by the older of the two errors here, as they do when it writes. */
function checkProducer(engine: Engine, request: TxnOffsetCommitRequest): void {
  try {
    engine.transactions.check(request)
  } catch (error) {
    throw ProducerFencedError.is(error) ? errorOfCode('INVALID_PRODUCER_EPOCH', { detail: error.message }) : error
  }
}
