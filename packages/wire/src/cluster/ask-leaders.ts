import { codeOf, DisconnectedError, KafkaError } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import {
  described,
  type ErrorFields,
  failed,
  type MeantTopic,
  noSuchPartition,
  wrongId,
} from '@kafkado/core/internal/answers'
import { learnOrMake } from './make-topics.ts'
import { type Call, isPassing } from './call.ts'
import type { Cluster } from './cluster.ts'
import type { KnownTopic } from './cluster-metadata.ts'
import { saysWrongId } from './topic-identity.ts'

/** Partitions by topic, as requests and responses list them. */
export interface ByTopic<P> extends MeantTopic {
  readonly partitions: readonly P[]
}

/** Partitions to ask a leader about, each topic with its id. */
export interface LedPartitions<P> extends ByTopic<P> {
  readonly topicId: string
}

type Numbered = { readonly partition: number }
type Answered = Numbered & { readonly errorCode: number }

/** How many leaders are asked at once, and how many topics have partitions that no broker can be asked about. */
export interface RoundSize {
  readonly leaders: number
  readonly refusals: number
}

export interface LeaderQuestion<P extends Numbered, A extends Answered> {
  readonly topics: readonly ByTopic<P>[]
  /** Asks one broker about the partitions that it leads. */
  ask(
    nodeId: number,
    topics: LedPartitions<P>[],
    round: RoundSize,
  ): Promise<{ throttleTimeMs: number; topics: readonly ByTopic<A>[] }>
  /** The error of a request for a partition that can be refused without asking a broker. */
  check?(partition: P): ErrorFields | undefined
  /** The answer for a partition that could not be asked about. */
  refuse(partition: P, error: ErrorFields): A
  /**
   * Whether to ask again about a partition that was refused for now, in this attempt (from 1). Otherwise the caller
   * decides.
   */
  isWorthAsking(errorCode: number, attempt: number): boolean
  /** Whether to create missing topics, if the cluster does that. */
  readonly create?: boolean
}

interface Answers<A> {
  throttleTimeMs: number
  topics: { topic: string; partitions: A[] }[]
}

const unknownPartition = codeOf('UNKNOWN_TOPIC_OR_PARTITION')

const unanswered = failed('UNKNOWN_SERVER_ERROR', 'the broker did not answer for the partition')

/** For reads: asks again after every error that passes by itself. */
export const untilSettled = (errorCode: number): boolean => isPassing(errorCode) || errorCode === unknownPartition

/**
 * Asks the leader of each partition, all leaders at once, and merges their answers in the order of the request. If a
 * broker's answer contradicts the known leaders, the next look-up asks for them again, even if the caller does the
 * retry.
 */
export async function askLeaders<P extends Numbered, A extends Answered>(
  cluster: Cluster,
  call: Call,
  question: LeaderQuestion<P, A>,
): Promise<Answers<A>> {
  const answers = new Map<string, Map<number, A>>()
  let throttleTimeMs = 0
  let pending = question.topics
  for (let attempt = 1; ; attempt++) {
    const round = new Round(cluster, question)
    const { refusals, byLeader } = await round.route(pending, call)
    keep(answers, refusals)
    const size = { leaders: byLeader.size, refusals: refusals.length }
    const asked = await Promise.all([...byLeader].map(([nodeId, topics]) => round.ask(nodeId, topics, size)))
    for (const answer of asked) {
      throttleTimeMs = Math.max(throttleTimeMs, answer.throttleTimeMs)
      keep(answers, answer.topics)
    }
    pending = again(pending, answers, cluster, question, refusals, attempt)
    if (pending.length === 0 || !(await call.pauseBefore(attempt, undefined))) break
  }
  const topics = question.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(
      (partition) => answers.get(topic)?.get(partition.partition) ?? question.refuse(partition, unanswered),
    ),
  }))
  return { throttleTimeMs, topics }
}

/** One round: find the leaders, and ask them. */
class Round<P extends Numbered, A extends Answered> {
  readonly #cluster: Cluster
  readonly #question: LeaderQuestion<P, A>

  constructor(cluster: Cluster, question: LeaderQuestion<P, A>) {
    this.#cluster = cluster
    this.#question = question
  }

  async route(
    topics: readonly ByTopic<P>[],
    call: Call,
  ): Promise<{ refusals: ByTopic<A>[]; byLeader: Map<number, LedPartitions<P>[]> }> {
    const { metadata } = this.#cluster
    const { create = false } = this.#question
    const refuse = (partition: P, error: ErrorFields): A => this.#question.refuse(partition, error)
    const stale = topics.filter((meant) => {
      const known = metadata.known(meant.topic)
      if (!known) return false
      const isOther = wrongId(meant, known.topicId, () => undefined) !== undefined
      return isOther || meant.partitions.some(({ partition }) => !hasLeader(known.partitions.get(partition)))
    })
    for (const { topic } of stale) metadata.forget(topic)
    const names = topics.map(({ topic }) => topic)
    const errors = await (create ? learnOrMake(this.#cluster, names, call) : metadata.learn(names, call))
    const refusals: ByTopic<A>[] = []
    const byLeader = new Map<number, LedPartitions<P>[]>()
    for (const meant of topics) {
      const { topic, partitions } = meant
      // Another call may meanwhile have heard that the leader moved; if so, the next look-up asks again.
      const known = metadata.known(topic) ?? (errors.has(topic) ? undefined : metadata.lastKnown(topic))
      const missing: A[] = []
      const error = errors.get(topic) ?? unknownPartition
      const isUnclear = !known && error !== unknownPartition
      const wrong = isUnclear ? undefined : wrongId(meant, known?.topicId, (topicId) => metadata.nameOf(topicId))
      const led: { partition: P; leaderId: number }[] = []
      for (const partition of partitions) {
        const leader = known?.partitions.get(partition.partition)
        const fault = this.#question.check?.(partition)
        if (fault) missing.push(refuse(partition, fault))
        else if (isUnclear) missing.push(refuse(partition, described(error)))
        else if (wrong) missing.push(refuse(partition, wrong))
        else if (!known || !leader)
          missing.push(refuse(partition, noSuchPartition(topic, partition.partition, known?.partitions.size)))
        else if (!hasLeader(leader)) missing.push(refuse(partition, noLeader(topic, partition.partition)))
        else led.push({ partition, leaderId: leader.leaderId })
      }
      if (missing.length > 0) refusals.push({ topic, partitions: missing })
      for (const [leaderId, own] of Map.groupBy(led, (one) => one.leaderId)) {
        const list = byLeader.get(leaderId) ?? []
        list.push({ topic, topicId: (known as KnownTopic).topicId, partitions: own.map(({ partition }) => partition) })
        byLeader.set(leaderId, list)
      }
    }
    return { refusals, byLeader }
  }

  /** An unreachable broker refuses only its own partitions; the answers of the others count. */
  async ask(
    nodeId: number,
    topics: LedPartitions<P>[],
    size: RoundSize,
  ): Promise<{ throttleTimeMs: number; topics: readonly ByTopic<A>[] }> {
    try {
      return await this.#question.ask(nodeId, topics, size)
    } catch (error) {
      if (!KafkaError.is(error)) throw error
      // Nothing was sent, so the caller may retry: another broker will take over as leader.
      const isUnsent = DisconnectedError.is(error) && error.outcome === 'failed'
      const fields = {
        errorCode: isUnsent ? codeOf('LEADER_NOT_AVAILABLE') : (error.kafkaCode ?? codeOf('UNKNOWN_SERVER_ERROR')),
        errorMessage: error.message,
      }
      return {
        throttleTimeMs: 0,
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((partition) => this.#question.refuse(partition, fields)),
        })),
      }
    }
  }
}

/** Finds the partitions to ask about again, and forgets their leaders. */
function again<P extends Numbered, A extends Answered>(
  pending: readonly ByTopic<P>[],
  answers: ReadonlyMap<string, ReadonlyMap<number, A>>,
  cluster: Cluster,
  question: LeaderQuestion<P, A>,
  refusals: readonly ByTopic<A>[],
  attempt: number,
): ByTopic<P>[] {
  // Asking again does not make a topic appear that the metadata reports as missing.
  const absent = new Set(
    refusals.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode === unknownPartition || saysWrongId(errorCode))
        .map(({ partition }) => partitionKey({ topic, partition })),
    ),
  )
  const left: ByTopic<P>[] = []
  for (const { topic, topicId, partitions } of pending) {
    const codeFor = ({ partition }: P): number => answers.get(topic)?.get(partition)?.errorCode ?? 0
    const isOutdated = (errorCode: number): boolean => untilSettled(errorCode) || saysWrongId(errorCode)
    if (partitions.some((partition) => isOutdated(codeFor(partition)))) cluster.metadata.forget(topic)
    const repeated = partitions.filter(
      (partition) =>
        !absent.has(partitionKey({ topic, partition: partition.partition })) &&
        codeFor(partition) !== 0 &&
        question.isWorthAsking(codeFor(partition), attempt),
    )
    if (repeated.length > 0) left.push({ topic, topicId, partitions: repeated })
  }
  return left
}

function keep<A extends Answered>(answers: Map<string, Map<number, A>>, topics: readonly ByTopic<A>[]): void {
  for (const { topic, partitions } of topics) {
    let own = answers.get(topic)
    if (!own) {
      own = new Map()
      answers.set(topic, own)
    }
    for (const answer of partitions) own.set(answer.partition, answer)
  }
}

function hasLeader(leader: { leaderId: number } | undefined): boolean {
  return leader !== undefined && leader.leaderId >= 0
}

function noLeader(topic: string, partition: number): ErrorFields {
  return failed('LEADER_NOT_AVAILABLE', `topic '${topic}' partition ${partition} has no leader at the moment`)
}
