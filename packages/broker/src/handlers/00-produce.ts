import { KafkaError, type produce, ProducerFencedError, type ProduceRequest, type ProduceResponse } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { BatchRefusal } from '../log/batch-validation.ts'
import { checkBatch, type Checked, type CheckedBatch } from '../log/record-validation.ts'
import type { Engine } from '../engine/engine.ts'
import type { Changes } from '../records/changes.ts'
import { type Topic, TopicRefusal } from '../topic/topic-registry.ts'
import { defaultTopicSettings } from '../topic/topic-settings.ts'
import { failed, type Handler, noSuchPartition, succeeded } from './handler.ts'

const nowhere = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

/**
 * Appends what is sound and refuses the rest, partition by partition. All of it is one unit, and answered when that is durable.
 */
export const handleProduce: Handler<typeof produce> = async (engine, request) => {
  if (![-1, 0, 1].includes(request.acks))
    throw errorOfCode('INVALID_REQUIRED_ACKS', { detail: `acks must be -1, 0 or 1, got ${request.acks}` })
  const checked = checkAll(engine, request)
  const isReady = !checked.some((one) => one instanceof Promise)
  const { topics, durable } =
    isReady && engine.appendOrder.isIdle
      ? appendAll(engine, request, checked as Checked[])
      : await engine.appendOrder.inTurn(partitionsOf(request), allOf(checked), (all) => appendAll(engine, request, all))
  if (request.acks !== 0) {
    await durable
    return { throttleTimeMs: 0, topics }
  }
  durable.catch(() => undefined)
  return { throttleTimeMs: 0, topics: unacknowledged(topics) }
}

/** Looks into all batches, in their order. A topic that is not there yet will have the default configuration. */
function checkAll(engine: Engine, { topics }: ProduceRequest): (Checked | Promise<Checked>)[] {
  const { maxUncompressedBatchBytes } = engine.settings
  return topics.flatMap(({ topic, partitions }) => {
    const settings = engine.topics.find(topic)?.settings ?? defaultTopicSettings
    return partitions.map(({ records }) => checkBatch(records, settings, maxUncompressedBatchBytes))
  })
}

function allOf(checked: readonly (Checked | Promise<Checked>)[]): Promise<Checked[]> {
  return Promise.all(checked.map((one) => Promise.resolve(one)))
}

function partitionsOf({ topics }: ProduceRequest): string[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => `${partition}:${topic}`))
}

/** Gives each batch its place, in one turn of the event loop, and hands them over together. */
function appendAll(
  engine: Engine,
  { topics, transactionalId }: ProduceRequest,
  checked: readonly Checked[],
): { topics: ProduceResponse['topics']; durable: Promise<void> } {
  const changes = engine.begin()
  let index = 0
  const answers = topics.map(({ topic: name, partitions }) => {
    const batches = checked
      .slice(index, (index += partitions.length))
      .map((one) => withinTransaction(engine, transactionalId, one))
    // A topic is not made for what is not appended to it.
    const isWanted = batches.some((one) => !(one instanceof Error))
    const topic = isWanted ? topicOrRefusal(engine, changes, name) : engine.topics.find(name)
    return {
      topic: name,
      partitions: partitions.map(({ partition }, place): PartitionAnswer => {
        try {
          return append(
            engine,
            changes,
            transactionalId,
            topic,
            name,
            partition,
            batches[place] as CheckedBatch | Error,
          )
        } catch (error) {
          return refused(partition, error)
        }
      }),
    }
  })
  return { topics: answers, durable: engine.commit(changes) }
}

function topicOrRefusal(engine: Engine, changes: Changes, name: string): Topic | TopicRefusal | undefined {
  try {
    return engine.topicForUse(changes, name)
  } catch (error) {
    if (error instanceof TopicRefusal) return error
    throw error
  }
}

/** Appends a batch, or throws before anything has changed. */
function append(
  engine: Engine,
  changes: Changes,
  transactionalId: string | null,
  topic: Topic | TopicRefusal | undefined,
  name: string,
  partition: number,
  checked: CheckedBatch | Error,
): PartitionAnswer {
  if (topic instanceof TopicRefusal) throw topic
  if (checked instanceof Error) throw checked
  const log = topic?.partitions[partition]
  if (!topic || !log) return unanswered(partition, noSuchPartition(name, partition, topic?.partitions.length))
  const { header } = checked
  const { producerId, producerEpoch, isTransactional } = header
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
  checkForTopic(checked, topic, nowMs)
  log.checkRoom(header)
  if (isTransactional)
    engine.transactions.enrol(changes, { transactionalId: transactionalId as string, producerId, producerEpoch }, [
      log.logId,
    ])
  const appendTimeMs = topic.settings.isAppendTime ? nowMs : undefined
  // The producer sends the same bytes again when it hears nothing, so what is kept has to be a copy.
  const baseOffset = log.append(changes, checked.bytes.slice(), header, nowMs, appendTimeMs)
  return { partition, ...succeeded, baseOffset, logAppendTimeMs: appendTimeMs ?? -1, logStartOffset }
}

/** The batch, or why it is none of the producer's transaction. Producers know a fenced epoch by the older of the two errors. */
function withinTransaction(engine: Engine, transactionalId: string | null, checked: Checked): CheckedBatch | Error {
  if (checked instanceof BatchRefusal || !checked.header.isTransactional) return checked
  if (transactionalId === null) {
    const message = 'the record batch is transactional, and the request names no transactional id'
    return new BatchRefusal('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', message)
  }
  const { producerId, producerEpoch } = checked.header
  try {
    engine.transactions.check({ transactionalId, producerId, producerEpoch })
    return checked
  } catch (error) {
    if (!KafkaError.is(error)) throw error
    return ProducerFencedError.is(error) ? new BatchRefusal('INVALID_PRODUCER_EPOCH', error.message) : error
  }
}

/** @throws BatchRefusal when the records are not what the topic takes */
function checkForTopic(
  { header, minTimestamp, lacksKey }: CheckedBatch,
  { name, settings }: Topic,
  nowMs: number,
): void {
  if (settings.isCompacted && lacksKey) {
    const message = `topic '${name}' is compacted (cleanup.policy), so every record needs a key`
    throw new BatchRefusal('INVALID_RECORD', message)
  }
  if (settings.isAppendTime) return
  const { timestampBeforeMaxMs, timestampAfterMaxMs } = settings
  // Without any timestamp the one is Infinity and the other -1, which are neither too late nor too early.
  if (header.maxTimestamp - nowMs <= timestampAfterMaxMs && nowMs - minTimestamp <= timestampBeforeMaxMs) return
  throw new BatchRefusal(
    'INVALID_TIMESTAMP',
    `the timestamps ${minTimestamp} to ${header.maxTimestamp} are further from the broker's time ${nowMs} than topic '${name}' allows (message.timestamp.before.max.ms, message.timestamp.after.max.ms)`,
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
