import {
  consumerGroupHeartbeat,
  deleteRecords,
  errorCodeOf,
  fetch,
  initProducerId,
  type Interceptor,
  KafkaError,
  offsetCommit,
  produce,
  txnOffsetCommit,
} from '@kafkado/core'
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  DeleteRecordsRequest,
  FetchRequest,
  FetchResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  ProduceRequest,
  ProduceResponse,
  TxnOffsetCommitRequest,
} from '@kafkado/core/protocol'
import { errorOfCode, readRecordBatchHeader } from '@kafkado/core/internal'
import type { EventOf } from '../history/history-event.ts'
import type { History } from '../history/history.ts'
import type { OffsetOf, PartitionOf } from '../history/record-events.ts'
import type { ServerPlan } from '../plan/plan.ts'
import type { LogDirectory } from './log-directory.ts'

type Watermarks = Omit<EventOf<'watermarks'>, 'sequence' | 'atMs' | 'process' | 'type' | keyof PartitionOf | 'topicId'>

/** When a request came. The engine carries requests out in this order, whatever their answers wait for. */
interface Came {
  readonly since: number
  readonly arrival: number
}

/** A commit that the engine carries out. */
interface Committing {
  readonly group: string
  readonly memberId: string
  readonly memberEpoch: number
  readonly transactionalId?: string
  readonly topics: OffsetCommitRequest['topics']
}

/** Which partitions of a request are meant, each by the place of its topic in it. */
type IsMeant = (index: number, partition: number) => boolean

/** Stands between faults and engine, and tells the history what the engine carries out. */
export class EngineWitness {
  readonly #history: History
  readonly #logs: LogDirectory
  readonly #plan: Pick<ServerPlan, 'sessionTimeoutMs'>
  /** The rebalance timeout that each member has said. */
  readonly #rebalanceTimeouts = new Map<string, number>()
  /** The commits that the engine has not answered yet. */
  readonly #underWay = new Set<Committing>()
  /** What was told of each log last, so that it is told once. */
  readonly #told = new Map<string, string>()
  #arrivals = 0

  constructor(history: History, logs: LogDirectory, plan: Pick<ServerPlan, 'sessionTimeoutMs'>) {
    this.#history = history
    this.#logs = logs
    this.#plan = plan
  }

  readonly interceptor: Interceptor = (next) => async (operation, request, options) => {
    const since = this.#history.events.length
    const came: Came = { since, arrival: this.#arrivals++ }
    if (operation.name === deleteRecords.name) this.#deleting(request)
    const committing =
      operation.name === offsetCommit.name || operation.name === txnOffsetCommit.name
        ? this.#committing(request)
        : undefined
    let response
    try {
      response = await next(operation, request, options)
    } catch (error) {
      if (operation.name === consumerGroupHeartbeat.name) this.#heartbeatRefused(came, request, error)
      else if (operation.name === produce.name) this.#batchesAnswered(since, request, () => nameOf(error))
      else if (committing && this.#underWay.delete(committing) && mayBeDone(error)) this.#unsettled(committing)
      throw error
    }
    if (operation.name === consumerGroupHeartbeat.name) this.#heartbeat(came, request, response)
    else if (committing) this.#committed(came, committing, response)
    else if (operation.name === produce.name) this.#produced(since, request, response)
    else if (operation.name === fetch.name) this.#fetched(since, request, response)
    else if (operation.name === initProducerId.name) this.#producerId(since, request, response)
    return response
  }

  /** Before it is done: admins do it, and applications with what they have read of their own topics. */
  #deleting({ topics }: DeleteRecordsRequest): void {
    for (const { topic, partitions } of topics)
      for (const { partition, offset: logStartOffset } of partitions) {
        const { topicId, ...place } = this.#named(topic, partition, undefined)
        if (topicId === undefined) continue
        const removed = { type: 'records-removed', why: 'delete-records' } as const
        this.#history.add('server', { ...removed, ...place, topicId, logStartOffset })
      }
  }

  #heartbeat(came: Came, request: ConsumerGroupHeartbeatRequest, response: ConsumerGroupHeartbeatResponse): void {
    const { assignment, memberEpoch } = response
    this.#history.add('server', {
      ...this.#heartbeatOf(request),
      ...came,
      memberEpoch,
      ...(assignment ? { assignment: partitionsOf(assignment.topicPartitions) } : {}),
    })
  }

  #heartbeatRefused(came: Came, request: ConsumerGroupHeartbeatRequest, error: unknown): void {
    this.#history.add('server', { ...this.#heartbeatOf(request), ...came, error: nameOf(error) })
  }

  #heartbeatOf(request: ConsumerGroupHeartbeatRequest) {
    const {
      groupId: group,
      memberId,
      instanceId,
      memberEpoch: sentEpoch,
      rebalanceTimeoutMs,
      topicPartitions,
    } = request
    if (rebalanceTimeoutMs >= 0) this.#rebalanceTimeouts.set(memberId, rebalanceTimeoutMs)
    return {
      type: 'heartbeat',
      group,
      memberId,
      ...(instanceId === null ? {} : { instanceId }),
      sentEpoch,
      ...(topicPartitions ? { owned: partitionsOf(topicPartitions) } : {}),
      sessionTimeoutMs: this.#plan.sessionTimeoutMs,
      rebalanceTimeoutMs: this.#rebalanceTimeouts.get(memberId) ?? 0,
    } as const
  }

  /** The process dies: whether it has carried out what it has not answered shows after the next start. */
  crashed(): void {
    for (const committing of this.#underWay) this.#unsettled(committing)
    this.#underWay.clear()
  }

  #committing(request: OffsetCommitRequest | TxnOffsetCommitRequest): Committing {
    const { groupId: group, memberId, topics } = request
    const by =
      'transactionalId' in request
        ? { memberEpoch: request.generationId, transactionalId: request.transactionalId }
        : { memberEpoch: request.memberEpoch }
    const committing = { group, memberId, ...by, topics }
    this.#underWay.add(committing)
    return committing
  }

  #committed(came: Came, committing: Committing, response: OffsetCommitResponse): void {
    // Nobody hears what a process answers that has died meanwhile.
    if (!this.#underWay.delete(committing)) return
    const { topics, ...by } = committing
    const codeOf = (index: number, partition: number): number | undefined =>
      response.topics[index]?.partitions.find((one) => one.partition === partition)?.errorCode
    const offsets = this.#offsetsOf(topics, (index, partition) => codeOf(index, partition) === 0)
    if (offsets.length > 0) this.#history.add('server', { type: 'commit-taken', ...came, ...by, offsets })
    this.#unsettled(committing, (index, partition) => {
      const code = codeOf(index, partition)
      return code !== undefined && code !== 0 && mayBeDone(errorOfCode(code))
    })
  }

  #unsettled(committing: Committing, isUnsettled: IsMeant = () => true): void {
    const { topics, ...by } = committing
    const offsets = this.#offsetsOf(topics, isUnsettled)
    if (offsets.length > 0) this.#history.add('server', { type: 'commit-unsettled', ...by, offsets })
  }

  #offsetsOf(topics: Committing['topics'], isMeant: IsMeant): OffsetOf[] {
    return topics.flatMap(({ topic, topicId, partitions }, index) =>
      partitions.flatMap(({ partition, committedOffset }) =>
        isMeant(index, partition) ? [{ ...this.#named(topic, partition, topicId), offset: committedOffset }] : [],
      ),
    )
  }

  #produced(since: number, request: ProduceRequest, { topics }: ProduceResponse): void {
    this.#batchesAnswered(since, request, (topic, partition) => {
      const answered = topics.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition)
      return answered?.errorCode ? errorCodeOf(answered.errorCode).name : undefined
    })
    for (const { topic, partitions } of topics)
      for (const { partition, errorCode, logStartOffset } of partitions)
        if (errorCode === 0 && logStartOffset >= 0)
          this.#watermarks(since, topic, partition, undefined, { logStartOffset })
  }

  #batchesAnswered(
    since: number,
    { topics }: ProduceRequest,
    errorFor: (topic: string, partition: number) => string | undefined,
  ): void {
    for (const { topic, partitions } of topics)
      for (const { partition, records } of partitions) {
        const { producerId, producerEpoch, baseSequence, lastOffsetDelta } = readRecordBatchHeader(records)
        if (producerId < 0) continue
        const error = errorFor(topic, partition)
        this.#history.add('server', {
          type: 'batch-answered',
          topic,
          partition,
          since,
          producerId,
          producerEpoch,
          baseSequence,
          lastSequence: baseSequence + lastOffsetDelta,
          ...(error === undefined ? {} : { error }),
        })
      }
  }

  #fetched(since: number, request: FetchRequest, { topics }: FetchResponse): void {
    topics.forEach(({ topic, partitions }, index) => {
      for (const { partition, errorCode, logStartOffset, highWatermark, lastStableOffset } of partitions) {
        if (errorCode !== 0) continue
        const marks = { logStartOffset, highWatermark, lastStableOffset }
        this.#watermarks(since, topic, partition, request.topics[index]?.topicId, marks)
      }
    })
  }

  #watermarks(
    since: number,
    topic: string,
    partition: number,
    topicId: string | null | undefined,
    marks: Watermarks,
  ): void {
    const log = this.#named(topic, partition, topicId)
    if (log.topicId === undefined) return
    const key = `${log.topicId}/${partition}/${Object.keys(marks).length}`
    const told = Object.values(marks).join(' ')
    if (this.#told.get(key) === told) return
    this.#told.set(key, told)
    this.#history.add('server', { type: 'watermarks', ...log, topicId: log.topicId, since, ...marks })
  }

  #producerId(
    since: number,
    { transactionalId }: { transactionalId: string | null },
    { producerId, producerEpoch }: { producerId: number; producerEpoch: number },
  ): void {
    this.#history.add('server', {
      type: 'producer-id',
      since,
      ...(transactionalId === null ? {} : { transactionalId }),
      producerId,
      producerEpoch,
    })
  }

  #named(topic: string, partition: number, said: string | null | undefined) {
    const topicId = said ?? this.#logs.idOf(topic)
    return { topic, partition, ...(topicId === undefined ? {} : { topicId }) }
  }
}

/** Partitions as heartbeats name them. */
export function partitionsOf(
  topics: readonly { topic: string; topicId?: string | null | undefined; partitions: readonly number[] }[],
): PartitionOf[] {
  return topics.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition) => ({ topic, partition, ...(topicId ? { topicId } : {}) })),
  )
}

/** Whether what failed with it may have been carried out. */
function mayBeDone(error: unknown): boolean {
  return !KafkaError.is(error) || error.outcome !== 'failed'
}

/** An error in a word. */
export function nameOf(error: unknown): string {
  if (KafkaError.is(error)) return `${error.code}: ${error.message}`.slice(0, 160)
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 160) : String(error)
}
