import type { AssignedPartition } from '@kafkado/consumer/internal'
import type { Transport } from '@kafkado/core'
import { allTopics, isSameTopic, presentTopics } from '@kafkado/core/internal'
import type { SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { reads, requireOnePattern } from '../graph/topic-patterns.ts'
import type { Topology } from '../graph/topology.ts'

export interface KnownTopic {
  /** Undefined where only the number of partitions was asked for; null where the server does not tell. */
  readonly topicId: string | null | undefined
  readonly partitions: number
}

/**
 * What a member knows of the topics that it reads. A name may come to be that of another topic, with other partitions:
 * its id tells. Not every broker hears of a change at the same time, so of one topic the most partitions count that
 * were told or assigned, and a topic that is named is taken to be as it was while no broker knows it.
 */
export class KnownTopics {
  readonly #transport: Transport
  readonly #names: InternalNames
  readonly #patterns: readonly SourceNode[]
  /** Those that are not there by a pattern; and of them the application's own. */
  readonly #named: ReadonlySet<string>
  readonly #internal: ReadonlySet<string>
  #told: ReadonlyMap<string, KnownTopic>
  #assigned: ReadonlyMap<string, KnownTopic> = new Map()

  /** @param counts how many partitions the topics had last */
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

  /** Takes note of everything that the group has assigned. */
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

  /** By topic, those of the application's own as well. */
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

  /** By topic, without those of the application's own. */
  get sources(): ReadonlyMap<string, KnownTopic> {
    return new Map([...this.all].filter(([topic]) => !this.#internal.has(topic)))
  }

  /** Whether it is one of the application's own. */
  isInternal(topic: string): boolean {
    return this.#internal.has(topic)
  }

  /** How many partitions a topic has that is assigned; undefined where a broker does not tell of the same one. */
  countOf(topic: string): number | undefined {
    return this.#assigned.has(topic) && this.isTold(topic) ? this.#told.get(topic)?.partitions : undefined
  }

  /** Whether a broker has told of the topic, so that it is known how many partitions it has in all. */
  isTold(topic: string): boolean {
    return this.#told.has(topic) && !this.isToldOtherwise(topic)
  }

  /** Whether the group has assigned another topic of the name than the one that a broker tells of. */
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
