import { listOffsets, listOffsetsTimestamp, offsetFetch, type Transport } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { ConsumerSettings, StartOffset, TopicPartition } from './consumer-config.ts'

/** Partitions by topic, as requests name them. */
export function byTopic<P extends TopicPartition>(partitions: readonly P[]): Map<string, P[]> {
  const topics = new Map<string, P[]>()
  for (const partition of partitions) topics.set(partition.topic, [...(topics.get(partition.topic) ?? []), partition])
  return topics
}

/** What identifies the member to the group. */
export interface MemberIdentity {
  readonly memberId: string
  readonly memberEpoch: number
}

/**
 * What the group has committed for partitions; undefined where there is nothing. An error is never taken for "nothing".
 *
 * @throws KafkaError when a partition answered with an error, or the member is not known
 */
export async function fetchCommitted(
  transport: Transport,
  settings: ConsumerSettings,
  member: MemberIdentity,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<(number | undefined)[]> {
  const topics = [...byTopic(partitions)].map(([topic, own]) => ({
    topic,
    partitions: own.map(({ partition }) => partition),
  }))
  if (settings.group === undefined) return partitions.map(() => undefined)
  const request = { groupId: settings.group, ...member, topics, requireStable: settings.isolation === 'read_committed' }
  const response = await transport.send(offsetFetch, request, { signal })
  return partitions.map(({ topic, partition }) => {
    const answer = response.topics
      .find((other) => other.topic === topic)
      ?.partitions.find((other) => other.partition === partition)
    const errorCode = answer?.errorCode ?? -1
    if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: answer?.errorMessage })
    return answer && answer.committedOffset >= 0 ? answer.committedOffset : undefined
  })
}

/**
 * The offsets at which a start position lies; beyond the youngest record it is the end.
 *
 * @throws KafkaError when a partition answered with an error
 */
export async function findStart(
  transport: Transport,
  settings: ConsumerSettings,
  start: StartOffset,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<number[]> {
  if (partitions.length === 0) return []
  const timestamp = typeof start === 'object' ? Number(start.timestamp) : listOffsetsTimestamp[start]
  const topics = [...byTopic(partitions)].map(([topic, own]) => ({
    topic,
    partitions: own.map(({ partition }) => ({ partition, timestamp })),
  }))
  const response = await transport.send(listOffsets, { isolationLevel: settings.isolation, topics }, { signal })
  const offsets = partitions.map(({ topic, partition }) => {
    const answer = response.topics
      .find((other) => other.topic === topic)
      ?.partitions.find((other) => other.partition === partition)
    const errorCode = answer?.errorCode ?? -1
    if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: answer?.errorMessage })
    return answer?.offset ?? -1
  })
  const beyond = partitions.filter((_, index) => (offsets[index] as number) < 0)
  const ends = await findStart(transport, settings, 'latest', beyond, signal)
  return offsets.map((offset) => (offset < 0 ? (ends.shift() as number) : offset))
}

/** Where to begin regardless of what is committed, as somebody said so before the partitions were assigned. */
export class StartPositions {
  readonly #offsets = new Map<string, number>()
  /** For all partitions of the first assignment. */
  from: StartOffset | undefined

  set({ topic, partition, offset }: TopicPartition & { readonly offset: number }): void {
    this.#offsets.set(`${topic}/${partition}`, offset)
  }

  of({ topic, partition }: TopicPartition): number | undefined {
    return this.#offsets.get(`${topic}/${partition}`)
  }

  forget({ topic, partition }: TopicPartition): void {
    this.#offsets.delete(`${topic}/${partition}`)
  }
}
