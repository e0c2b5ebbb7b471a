import type { produce, ProduceResponse } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { BatchRefusal, checkProducedBatch } from '../log/batch-validation.ts'
import type { Engine } from '../engine.ts'
import { StorageChanges } from '../storage/storage.ts'
import { configValue } from '../topic/topic-config.ts'
import { type Topic, TopicRefusal } from '../topic/topic-registry.ts'
import { failed, type Handler, noSuchPartition, succeeded } from './handler.ts'

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

/**
 * Appends what is sound and refuses the rest, partition by partition. All of it is one unit, and answered when that is durable; also a
 * batch that was there before waits, because the first of the two may not be durable yet.
 */
export const handleProduce: Handler<typeof produce> = async (engine, request) => {
  if (![-1, 0, 1].includes(request.acks))
    throw errorOfCode('INVALID_REQUIRED_ACKS', { detail: `acks must be -1, 0 or 1, got ${request.acks}` })
  if (request.transactionalId !== null)
    throw errorOfCode('UNSUPPORTED_VERSION', { detail: 'the embedded engine has no transactions yet' })
  const changes = new StorageChanges()
  const topics = request.topics.map(({ topic: name, partitions }) => {
    const topic = topicOrRefusal(engine, changes, name)
    return {
      topic: name,
      partitions: partitions.map(({ partition, records }) => append(engine, changes, name, topic, partition, records)),
    }
  })
  const durable = changes.isEmpty ? engine.settled() : engine.commit(changes)
  if (request.acks !== 0) await durable
  else durable.catch(() => undefined)
  return { throttleTimeMs: 0, topics }
}

function topicOrRefusal(engine: Engine, changes: StorageChanges, name: string): Topic | TopicRefusal | undefined {
  try {
    return engine.topicForUse(changes, name)
  } catch (error) {
    if (error instanceof TopicRefusal) return error
    throw error
  }
}

function append(
  engine: Engine,
  changes: StorageChanges,
  name: string,
  topic: Topic | TopicRefusal | undefined,
  partition: number,
  records: Uint8Array,
): PartitionAnswer {
  const refuse = (error: { errorCode: number; errorMessage: string }): PartitionAnswer => ({
    partition,
    ...error,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
  })
  if (topic instanceof TopicRefusal) return refuse(failed(topic.errorName, topic.message))
  const log = topic?.partitions[partition]
  if (!topic || !log) return refuse(noSuchPartition(name, partition, topic?.partitions.length))
  try {
    const header = checkProducedBatch(records, Number(configValue(topic.configs, 'max.message.bytes')))
    const { logStartOffset } = log
    if (header.producerId >= 0) {
      const verdict = log.producers.check(header)
      if (verdict.kind === 'refuse') return refuse(failed(verdict.error, verdict.message))
      if (verdict.kind === 'duplicate') {
        return {
          partition,
          ...succeeded,
          baseOffset: verdict.baseOffset,
          logAppendTimeMs: verdict.timestampMs,
          logStartOffset,
        }
      }
    }
    const nowMs = engine.runtime.clock.now()
    const appendTimeMs = configValue(topic.configs, 'message.timestamp.type') === 'LogAppendTime' ? nowMs : undefined
    // The producer sends the same bytes again when it hears nothing, so what is kept has to be a copy.
    const baseOffset = log.append(changes, records.slice(), header, nowMs, appendTimeMs)
    return { partition, ...succeeded, baseOffset, logAppendTimeMs: appendTimeMs ?? -1, logStartOffset }
  } catch (error) {
    if (error instanceof BatchRefusal) return refuse(failed(error.errorName, error.message))
    throw error
  }
}
