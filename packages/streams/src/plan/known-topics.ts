import type { AssignedPartition } from '@kafkado/consumer/internal'
import type { Transport } from '@kafkado/core'
import { allTopics, isSameTopic, presentTopics } from '@kafkado/core/internal'
import type { SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { reads, requireOnePattern } from '../graph/topic-patterns.ts'
import type { Topology } from '../graph/topology.ts'

export interface KnownTopic {
  /** Undefined if only the number of partitions was asked for; null if the server does not report ids. */
  readonly topicId: string | null | undefined
  readonly partitions: number
}

/**
 * What a member knows about the topics that it reads. A new topic may get the name of an old one, with other
 * partitions; its id tells them apart. Brokers learn of a change at different times, so the greatest reported or
 * assigned number of partitions of a topic counts, and a named topic stays as it was while no broker knows it.
 */
export class KnownTopics {
  readonly #transport: Transport
  readonly #names: InternalNames
  readonly #patterns: readonly SourceNode[]
  /** The topics read by name, and the application's own. */
  readonly #named: ReadonlySet<string>
  readonly #internal: ReadonlySet<string>
  #told: ReadonlyMap<string, KnownTopic>
  #assigned: ReadonlyMap<string, KnownTopic> = new Map()

  /** @param counts the last known numbers of partitions */
  constructor(
    transport: Transport,
    { subtopologies, globals }: Topology,
    names: InternalNames,
    counts: ReadonlyMap<string, number>,
  ) {
    this.#transport = transport
    this.#names = names
    const sources = subtopologies.flatMap((part) => part.sources)
    this.#patterns = sources.filter((source) => source.kind === 'source' && source.pattern) as SourceNode[]
    this.#internal = new Set([
      ...sources.filter(({ kind }) => kind === 'repartition').map((source) => names.topicOf(source)),
      ...subtopologies.flatMap((part) => names.tasks(part) ?? []),
    ])
    const given = sources.filter((source) => source.kind === 'source' && !source.pattern)
    this.#named = new Set([
      ...given.map((source) => names.topicOf(source)),
      ...globals.map(({ topic }) => topic.name),
      ...this.#internal,
    ])
    this.#told = new Map(
      [...counts]
        .filter(([topic]) => this.#named.has(topic) || this.#isMatched(topic))
        .map(([topic, partitions]) => [topic, { topicId: undefined, partitions }]),
    )
  }

  /** Registers everything that the group has assigned. */
  assign(assigned: readonly AssignedPartition[]): void {
    const now = new Map<string, KnownTopic>()
    for (const { topic, topicId, partition } of assigned)
      now.set(topic, { topicId, partitions: Math.max(now.get(topic)?.partitions ?? 0, partition + 1) })
    this.#assigned = now
  }

  /** Asks a broker. @throws InvalidRequestError when a topic matches two patterns */
  async look(): Promise<void> {
    const hasPatterns = this.#patterns.length > 0
    const answers = hasPatterns
      ? await allTopics(this.#transport)
      : await presentTopics(this.#transport, [...this.#named])
    const told = new Map([...this.#told].filter(([topic]) => this.#named.has(topic)))
    for (const answer of answers) {
      if ('error' in answer) continue
      const { topic, topicId, isInternal, partitions } = answer
      const isNamed = this.#named.has(topic)
      if (!isNamed && (isInternal || !this.#isMatched(topic))) continue
      if (!isNamed) requireOnePattern(this.#patterns, topic, this.#names)
      const before = this.#told.get(topic)
      const known = before?.topicId === topicId ? before.partitions : 0
      told.set(topic, { topicId, partitions: Math.max(known, partitions.length) })
    }
    this.#told = told
  }

  /** By topic, including the application's own. */
  get all(): ReadonlyMap<string, KnownTopic> {
    const all = new Map(this.#told)
    for (const [topic, assigned] of this.#assigned) {
      if (!this.#named.has(topic) && !this.#isMatched(topic)) continue
      const told = this.isToldOtherwise(topic) ? undefined : this.#told.get(topic)
      const topicId = assigned.topicId ?? told?.topicId
      all.set(topic, { topicId, partitions: Math.max(told?.partitions ?? 0, assigned.partitions) })
    }
    return all
  }

  /** By topic, without the application's own. */
  get sources(): ReadonlyMap<string, KnownTopic> {
    return new Map([...this.all].filter(([topic]) => !this.#internal.has(topic)))
  }

  /** Whether it is one of the application's own topics. */
  isInternal(topic: string): boolean {
    return this.#internal.has(topic)
  }

  /** The number of partitions of an assigned topic; undefined if brokers do not report the same topic. */
  countOf(topic: string): number | undefined {
    return this.#assigned.has(topic) && this.isTold(topic) ? this.#told.get(topic)?.partitions : undefined
  }

  /** Whether a broker has reported the topic, so that its number of partitions is known. */
  isTold(topic: string): boolean {
    return this.#told.has(topic) && !this.isToldOtherwise(topic)
  }

  /** Whether the group has assigned another topic of that name than brokers report. */
  isToldOtherwise(topic: string): boolean {
    const [told, assigned] = [this.#told.get(topic), this.#assigned.get(topic)]
    if (!told || !assigned) return false
    return told.topicId === undefined || !isSameTopic(told.topicId, assigned.topicId ?? null)
  }

  #isMatched(topic: string): boolean {
    return this.#patterns.some((source) => reads(source, topic, this.#names))
  }
}

export function countsOf(topics: ReadonlyMap<string, KnownTopic>): Map<string, number> {
  return new Map([...topics].map(([topic, { partitions }]) => [topic, partitions]))
}
