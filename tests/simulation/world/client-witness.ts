import { consumerGroupHeartbeat, type Interceptor, KafkaError, offsetCommit, txnOffsetCommit } from '@kafkado/core'
import type {
  ConsumerGroupHeartbeatRequest,
  OffsetCommitRequest,
  OffsetCommitResponse,
  TxnOffsetCommitRequest,
} from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'
import type { History } from '../history/history.ts'
import type { Commit } from '../history/group-events.ts'
import type { PartitionOf } from '../history/record-events.ts'
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
  commitCalls: number
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
    history.add(process, {
      type: 'heartbeat-sent',
      // Threads of streams have consumers of their own, which nobody but the group knows.
      consumer: consumer?.consumer ?? memberId,
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
    const refused = topics.flatMap(({ topic, partitions }) =>
      partitions.filter(({ errorCode }) => errorCode !== 0).map((one) => ({ topic, ...one })),
    )
    history.add(process, {
      type: 'commit-answered',
      commit,
      ...(refused.length === 0 ? { outcome: 'ok' } : refusal(refused)),
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
      // What is given up while it is under way may be carried out, whatever the reason says.
      const outcome = KafkaError.is(error) && !options?.signal?.aborted ? error.outcome : 'unknown'
      history.add(process, { type: 'commit-answered', commit, outcome, error: nameOf(error) })
      throw error
    }
  }
}

/** How a commit ended of which partitions were refused: nobody knows when that is so of one of them. */
function refusal(refused: readonly (PartitionOf & { readonly errorCode: number })[]) {
  const errors = refused.map(({ errorCode }) => errorOfCode(errorCode))
  const isUnknown = errors.some((error) => error.outcome === 'unknown')
  return {
    outcome: isUnknown ? 'unknown' : 'failed',
    refused: refused.map(({ topic, partition }) => ({ topic, partition })),
    error: nameOf(errors[0]),
  } as const
}
