import { KafkaError, type produce, ProducerFencedError, type ProduceRequest, type ProduceResponse } from '@kafkado/core'
import { errorOfCode, type RecordBatchHeader } from '@kafkado/core/internal'
import { BatchRefusal, checkProducedBatch } from '../log/batch-validation.ts'
import { needsPreparation, prepareRecords } from '../log/record-preparation.ts'
import type { Engine } from '../engine.ts'
import { StorageChanges } from '../storage/storage.ts'
import { type Topic, TopicRefusal } from '../topic/topic-registry.ts'
import type { Producer } from '../transaction/transaction-checks.ts'
import { failed, type Handler, noSuchPartition, succeeded } from './handler.ts'

const nowhere = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

/**
 * Appends what is sound and refuses the rest, partition by partition. All of it is one unit, and answered when that is durable; also a
 * batch that was there before waits, because the first of the two may not be durable yet.
 */
export const handleProduce: Handler<typeof produce> = async (engine, request) => {
  if (![-1, 0, 1].includes(request.acks))
    throw errorOfCode('INVALID_REQUIRED_ACKS', { detail: `acks must be -1, 0 or 1, got ${request.acks}` })
  const preparing = prepareAll(engine, request)
  // Hardly ever is there something to prepare, and then nothing is waited for.
  const prepared = preparing instanceof Promise ? await preparing : preparing
  const changes = new StorageChanges()
  const topics = request.topics.map(({ topic: name, partitions }) => {
    const topic = topicOrRefusal(engine, changes, name)
    return {
      topic: name,
      partitions: partitions.map(({ partition, records }): PartitionAnswer => {
        try {
          return append(
            engine,
            changes,
            request.transactionalId,
            topic,
            name,
            partition,
            prepared.get(records) ?? records,
          )
        } catch (error) {
          return refused(partition, error)
        }
      }),
    }
  })
  const durable = engine.commit(changes)
  if (request.acks !== 0) {
    await durable
    return { throttleTimeMs: 0, topics }
  }
  durable.catch(() => undefined)
  return { throttleTimeMs: 0, topics: unacknowledged(topics) }
}

function topicOrRefusal(engine: Engine, changes: StorageChanges, name: string): Topic | TopicRefusal | undefined {
  try {
    return engine.topicForUse(changes, name)
  } catch (error) {
    if (error instanceof TopicRefusal) return error
    throw error
  }
}

/** What has to be looked into, or compressed in another way, is prepared before anything is given its place. */
function prepareAll(engine: Engine, { topics }: ProduceRequest): Prepared | Promise<Prepared> {
  let preparing: Promise<readonly [Uint8Array, Uint8Array | BatchRefusal]>[] | undefined
  for (const { topic: name, partitions } of topics) {
    const topic = engine.topics.find(name)
    if (!topic) continue
    for (const { records } of partitions) {
      if (!needsPreparation(topic, records)) continue
      preparing ??= []
      preparing.push(prepareRecords(topic, records).then((prepared) => [records, prepared] as const))
    }
  }
  return preparing ? Promise.all(preparing).then((prepared) => new Map(prepared)) : nothingPrepared
}

type Prepared = ReadonlyMap<Uint8Array, Uint8Array | BatchRefusal>

const nothingPrepared: Prepared = new Map()

function append(
  engine: Engine,
  changes: StorageChanges,
  transactionalId: string | null,
  topic: Topic | TopicRefusal | undefined,
  name: string,
  partition: number,
  records: Uint8Array | BatchRefusal,
): PartitionAnswer {
  if (topic instanceof TopicRefusal) throw topic
  if (records instanceof BatchRefusal) throw records
  const log = topic?.partitions[partition]
  if (!topic || !log) return unanswered(partition, noSuchPartition(name, partition, topic?.partitions.length))
  const { maxMessageBytes, isAppendTime } = topic.settings
  const header = checkProducedBatch(records, maxMessageBytes)
  const { producerId, producerEpoch, isTransactional } = header
  const producer = { transactionalId: transactionalId ?? '', producerId, producerEpoch }
  if (isTransactional) checkTransactional(engine, transactionalId, producer)
  const { logStartOffset } = log
  if (producerId >= 0) {
    const verdict = log.producers.check(header)
    if (verdict.kind === 'refuse') return unanswered(partition, failed(verdict.error, verdict.message))
    if (verdict.kind === 'duplicate') {
      const { baseOffset, timestampMs } = verdict
      return { partition, ...succeeded, baseOffset, logAppendTimeMs: timestampMs, logStartOffset }
    }
  }
  const nowMs = engine.runtime.clock.now()
  if (!isAppendTime) checkTimestamp(header, topic, nowMs)
  if (isTransactional) engine.transactions.enrol(changes, producer, [log.logId])
  const appendTimeMs = isAppendTime ? nowMs : undefined
  // The producer sends the same bytes again when it hears nothing, so what is kept has to be a copy.
  const baseOffset = log.append(changes, records.slice(), header, nowMs, appendTimeMs)
  return { partition, ...succeeded, baseOffset, logAppendTimeMs: appendTimeMs ?? -1, logStartOffset }
}

/** Producers know a fenced epoch by the older of the two errors, which is what Kafka answers to a produce. */
function checkTransactional(engine: Engine, transactionalId: string | null, producer: Producer): void {
  if (transactionalId === null) {
    throw new BatchRefusal(
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      'the record batch is transactional, and the request names no transactional id',
    )
  }
  try {
    engine.transactions.check(producer)
  } catch (error) {
    if (ProducerFencedError.is(error)) throw new BatchRefusal('INVALID_PRODUCER_EPOCH', error.message)
    throw error
  }
}

function checkTimestamp({ maxTimestamp, baseTimestamp }: RecordBatchHeader, topic: Topic, nowMs: number): void {
  const { timestampBeforeMaxMs, timestampAfterMaxMs } = topic.settings
  if (maxTimestamp - nowMs <= timestampAfterMaxMs && nowMs - baseTimestamp <= timestampBeforeMaxMs) return
  throw new BatchRefusal(
    'INVALID_TIMESTAMP',
    `the timestamps ${baseTimestamp} to ${maxTimestamp} are further from the broker's time ${nowMs} than topic '${topic.name}' allows (message.timestamp.before.max.ms, message.timestamp.after.max.ms)`,
  )
}

/** Where it was appended is told to nobody who does not wait until it is durable. */
function unacknowledged(topics: ProduceResponse['topics']): ProduceResponse['topics'] {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((answer) => ({ ...answer, ...nowhere })),
  }))
}

function unanswered(partition: number, error: { errorCode: number; errorMessage: string }): PartitionAnswer {
  return { partition, ...error, ...nowhere }
}

function refused(partition: number, error: unknown): PartitionAnswer {
  if (error instanceof BatchRefusal || error instanceof TopicRefusal)
    return unanswered(partition, failed(error.errorName, error.message))
  if (KafkaError.is(error) && error.kafkaCode !== undefined)
    return unanswered(partition, { errorCode: error.kafkaCode, errorMessage: error.message })
  throw error
}
