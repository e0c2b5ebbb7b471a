import { isKafkaError, KafkaError, produce } from '@kafkado/core'
import type { ProduceRequest, ProduceResponse } from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'
import { type MeantTopic, succeeded } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { checkBatch, type Checked, type CheckedBatch } from '../log/record-validation.ts'
import type { Changes } from '../records/changes.ts'
import { Refusal } from '../refusals/refusal.ts'
import { meantTopic } from '../topic/meant-topic.ts'
import type { Topic } from '../topic/topic-registry.ts'
import { requireOwnBatches } from '../transaction/own-producers.ts'
import { defaultTopicSettings } from '../settings/topic-settings.ts'
import { handles, noMeantPartition, refused } from './handler.ts'

const nowhere = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }

type PartitionAnswer = ProduceResponse['topics'][number]['partitions'][number]

/**
 * Appends sound batches and refuses the others, partition by partition. All appends form one unit, and the answer waits
 * until it is durable. A batch is checked for its form first, and then for who may send it.
 */
export const handleProduce = handles(produce, async (engine, request, _signal, principal) => {
  if (![-1, 0, 1].includes(request.acks))
    throw errorOfCode('INVALID_REQUIRED_ACKS', { detail: `acks must be -1, 0 or 1, got ${request.acks}` })
  const checked = checkAll(engine, request)
  const append = (all: readonly Checked[]): Appended => {
    if (principal !== undefined)
      requireOwnBatches(engine.producerIds.owners, producerIdsIn(all), principal, request.transactionalId)
    return appendAll(engine, request, all)
  }
  const isReady = !checked.some((one) => one instanceof Promise)
  const { topics, durable } =
    isReady && engine.appendOrder.isIdle
      ? append(checked as Checked[])
      : await engine.appendOrder.inTurn(partitionsOf(request), allOf(checked), append)
  if (request.acks !== 0) {
    await durable
    return { throttleTimeMs: 0, topics }
  }
  durable.catch(() => undefined)
  return { throttleTimeMs: 0, topics: unacknowledged(topics) }
})

/** Checks all batches, in order. A missing topic will have the default configuration. */
function checkAll(engine: Engine, { topics }: ProduceRequest): (Checked | Promise<Checked>)[] {
  const { unpacking } = engine
  const { maxUncompressedBatchBytes } = engine.settings
  const checked: (Checked | Promise<Checked>)[] = []
  for (const { topic, partitions } of topics) {
    const settings = engine.topics.find(topic)?.settings ?? defaultTopicSettings
    for (const { records } of partitions)
      checked.push(checkBatch(records, settings, unpacking, maxUncompressedBatchBytes))
  }
  return checked
}

function allOf(checked: readonly (Checked | Promise<Checked>)[]): Promise<Checked[]> {
  return Promise.all(checked.map((one) => Promise.resolve(one)))
}

function partitionsOf({ topics }: ProduceRequest): string[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => `${partition}:${topic}`))
}

function producerIdsIn(checked: readonly Checked[]): number[] {
  return checked.map((one) => (one instanceof Refusal ? -1 : one.header.producerId))
}

interface Appended {
  readonly topics: ProduceResponse['topics']
  readonly durable: Promise<void>
}

/** The context of all appends of one request. */
interface Appending {
  readonly engine: Engine
  readonly changes: Changes
  readonly transactionalId: string | null
}

/** Gives each batch its place, in one turn of the event loop, and hands them over together. */
function appendAll(
  engine: Engine,
  { topics, transactionalId, allowAutoTopicCreation = true }: ProduceRequest,
  checked: readonly Checked[],
): Appended {
  const appending = { engine, changes: engine.begin(), transactionalId }
  const answers: { topic: string; partitions: PartitionAnswer[] }[] = []
  let index = 0
  for (const { topic: name, topicId, partitions } of topics) {
    const meant = { topic: name, topicId }
    const batches = partitions.map(() => withinTransaction(appending, checked[index++] as Checked))
    // Refused batches do not create a topic, and a new one would not have the id that is meant.
    const isWanted = allowAutoTopicCreation && !topicId && batches.some((one) => !(one instanceof Refusal))
    const topic = isWanted ? engine.topicForUse(appending.changes, name) : meantTopic(engine.topics, meant)
    const answered = partitions.map(({ partition }, place) =>
      appendTo(appending, meant, topic, partition, batches[place] as Checked),
    )
    answers.push({ topic: name, partitions: answered })
  }
  return { topics: answers, durable: engine.commit(appending.changes) }
}

/** Appends a batch to its partition and returns the answer, or changes nothing. */
function appendTo(
  appending: Appending,
  meant: MeantTopic,
  topic: Topic | Refusal | undefined,
  partition: number,
  batch: Checked,
): PartitionAnswer {
  if (topic instanceof Refusal) return { partition, ...refused(topic), ...nowhere }
  if (batch instanceof Refusal) return { partition, ...refused(batch), ...nowhere }
  const log = topic?.partitions[partition]
  if (!topic || !log) return { partition, ...noMeantPartition(appending.engine, meant, partition), ...nowhere }
  const appended = append(appending, topic, log, batch)
  if (appended instanceof Refusal) return { partition, ...refused(appended), ...nowhere }
  const { errorCode, errorMessage } = succeeded
  const { baseOffset, logAppendTimeMs, logStartOffset } = appended
  return { partition, errorCode, errorMessage, baseOffset, logAppendTimeMs, logStartOffset }
}

/** Appends a batch and returns its place, or changes nothing. */
function append(
  { engine, changes, transactionalId }: Appending,
  topic: Topic,
  log: PartitionLog,
  batch: CheckedBatch,
): typeof nowhere | Refusal {
  const { header } = batch
  const { producerId, producerEpoch, isTransactional } = header
  const { logStartOffset } = log
  if (producerId >= 0) {
    const verdict = log.producers.check(header)
    if (verdict instanceof Refusal) return verdict
    if (verdict.kind === 'duplicate') {
      const { baseOffset, timestampMs } = verdict
      return { baseOffset, logAppendTimeMs: timestampMs, logStartOffset }
    }
  }
  const nowMs = engine.runtime.clock.now()
  const refusal = refusalOf(batch, topic, nowMs) ?? log.refusalOf(header)
  if (refusal) return refusal
  // A full disk refuses the request rather than one partition of it.
  changes.admit()
  try {
    const producer = { transactionalId: transactionalId as string, producerId, producerEpoch }
    if (isTransactional) engine.transactions.enrol(changes, producer, [log.logId])
    const appendTimeMs = topic.settings.isAppendTime ? nowMs : undefined
    // The producer may send the same bytes again without an answer, so the engine keeps a copy.
    const baseOffset = log.append(changes, changes.copy(batch.bytes), header, nowMs, appendTimeMs)
    return { baseOffset, logAppendTimeMs: appendTimeMs ?? -1, logStartOffset }
  } catch (error) {
    return refusalOfError(error)
  }
}

/**
 * Returns the batch, or why it does not belong to the producer's transaction. Producers know a fenced epoch by the
 * older of the two errors.
 */
function withinTransaction({ engine, transactionalId }: Appending, checked: Checked): Checked {
  if (checked instanceof Refusal || !checked.header.isTransactional) return checked
  if (transactionalId === null) {
    const message = 'the record batch is transactional, and the request names no transactional id'
    return new Refusal('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', message)
  }
  const { producerId, producerEpoch } = checked.header
  try {
    engine.transactions.check({ transactionalId, producerId, producerEpoch })
    return checked
  } catch (error) {
    if (isKafkaError(error, 'PRODUCER_FENCED')) return new Refusal('INVALID_PRODUCER_EPOCH', error.message)
    return refusalOfError(error)
  }
}

/** @throws any error that is not Kafka's, and so is a fault of this program */
function refusalOfError(error: unknown): Refusal {
  if (KafkaError.is(error) && error.kafkaName) return new Refusal(error.kafkaName, error.message)
  throw error
}

/** Why the topic refuses the records. */
function refusalOf(
  { header, minTimestamp, lacksKey }: CheckedBatch,
  { name, settings }: Topic,
  nowMs: number,
): Refusal | undefined {
  if (settings.isCompacted && lacksKey) {
    const message = `topic '${name}' is compacted (cleanup.policy), so every record needs a key`
    return new Refusal('INVALID_RECORD', message)
  }
  if (settings.isAppendTime) return undefined
  const { timestampBeforeMaxMs, timestampAfterMaxMs } = settings
  // Without timestamps, one is Infinity and the other -1, which are neither too late nor too early.
  if (header.maxTimestamp - nowMs <= timestampAfterMaxMs && nowMs - minTimestamp <= timestampBeforeMaxMs)
    return undefined
  return new Refusal(
    'INVALID_TIMESTAMP',
    `the timestamps ${minTimestamp} to ${header.maxTimestamp} are further from the broker's time ${nowMs} than ` +
      `topic '${name}' allows (message.timestamp.before.max.ms, message.timestamp.after.max.ms)`,
  )
}

/** A producer that does not wait for durability learns no offset. */
function unacknowledged(topics: ProduceResponse['topics']): ProduceResponse['topics'] {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((answer) => ({ ...answer, ...nowhere })),
  }))
}
