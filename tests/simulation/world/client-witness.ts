import {
  consumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequest,
  type Interceptor,
  KafkaError,
  offsetCommit,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  txnOffsetCommit,
  type TxnOffsetCommitRequest,
} from '@kafkado/core'
import type { History } from '../history/history.ts'
import type { Commit } from '../history/group-events.ts'
import { nameOf, partitionsOf } from './engine-witness.ts'

/** What a process says of the consumer whose requests it sends. */
export interface WitnessedConsumer {
  readonly consumer: string
  readonly how: 'automatic' | 'manual'
  /** Called when it joins a group anew. */
  onJoin(memberId: string): void
}

/** What of a history is counted over all processes of a world. */
export interface Counters {
  commits: number
  /** Of each transactional id. */
  readonly transactions: Map<string, number>
}

/** Stands before everything between a client and the server, and tells the history what the client asks for. */
export function clientWitness(
  process: string,
  history: History,
  counters: Counters,
  consumerOf: (group: string) => WitnessedConsumer | undefined,
): Interceptor {
  const sent = (request: ConsumerGroupHeartbeatRequest): void => {
    const { groupId: group, memberId, memberEpoch, topicPartitions } = request
    const consumer = consumerOf(group)
    if (memberEpoch === 0) consumer?.onJoin(memberId)
    if (!consumer) return
    history.add(process, {
      type: 'heartbeat-sent',
      consumer: consumer.consumer,
      group,
      memberId,
      memberEpoch,
      ...(topicPartitions ? { owned: partitionsOf(topicPartitions) } : {}),
    })
  }
  const commits = (request: OffsetCommitRequest | TxnOffsetCommitRequest): number => {
    const { groupId: group, memberId, topics } = request
    const consumer = consumerOf(group)
    const commit = counters.commits++
    const offsets = topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map(({ partition, committedOffset: offset }) => ({
        topic,
        partition,
        offset,
        ...(topicId ? { topicId } : {}),
      })),
    )
    const common = { type: 'commit', commit, group, memberId, offsets } as const
    const by = consumer ? { consumer: consumer.consumer } : {}
    const event: Commit =
      'transactionalId' in request
        ? {
            ...common,
            ...by,
            how: 'transaction',
            memberEpoch: request.generationId,
            transactionalId: request.transactionalId,
            transaction: counters.transactions.get(request.transactionalId) ?? 0,
          }
        : { ...common, ...by, how: consumer?.how ?? 'automatic', memberEpoch: request.memberEpoch }
    history.add(process, event)
    return commit
  }
  const answered = (commit: number, { topics }: OffsetCommitResponse): void => {
    const refused = topics.flatMap(({ partitions }) => partitions).find(({ errorCode }) => errorCode !== 0)
    history.add(process, {
      type: 'commit-answered',
      commit,
      outcome: refused ? 'failed' : 'ok',
      ...(refused ? { error: String(refused.errorCode) } : {}),
    })
  }
  return (next) => async (operation, request, options) => {
    // What is given up before it leaves does not leave.
    options?.signal?.throwIfAborted()
    if (operation.name === consumerGroupHeartbeat.name) sent(request)
    if (operation.name !== offsetCommit.name && operation.name !== txnOffsetCommit.name)
      return next(operation, request, options)
    const commit = commits(request)
    try {
      const response = await next(operation, request, options)
      answered(commit, response)
      return response
    } catch (error) {
      const outcome = KafkaError.is(error) ? error.outcome : 'unknown'
      history.add(process, { type: 'commit-answered', commit, outcome, error: nameOf(error) })
      throw error
    }
  }
}
