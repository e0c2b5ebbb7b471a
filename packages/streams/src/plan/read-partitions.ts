import { createAdmin } from '@kafkado/admin'
import type { AssignedPartition, DerivedPartitions } from '@kafkado/consumer/internal'
import { InvalidRequestError, type Transport } from '@kafkado/core'
import { allTopics, presentTopics } from '@kafkado/core/internal'
import type { SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { reads, requireOnePattern } from '../graph/topic-patterns.ts'
import type { Topology } from '../graph/topology.ts'
import { growTasks } from './make-internal-topics.ts'

/**
 * How often is looked again where topics are named, and where all that there are have to be asked for. Kafka:
 * metadata.max.age.ms.
 */
const [namedAgeMs, patternAgeMs] = [10_000, 30_000]

/** The topics that a task reads together, as they are now. */
interface Part {
  readonly topics: readonly string[]
  readonly patterns: readonly SourceNode[]
  /** The topic by which members share the tasks; undefined while all have as many partitions. */
  sharedBy: string | undefined
}

/**
 * Which partitions a member reads for the tasks that it runs. The group assigns each topic by itself, and partitions of
 * one number to one member only where topics have as many of them. Where they have not, who has the partition of the
 * topic with the most reads those of the others too: each has just one reader then, and no task waits for what another
 * member has. Where a pattern is read that is a topic of the application's own, which is always there.
 */
export class ReadPartitions implements DerivedPartitions {
  readonly refreshMs: number
  readonly #transport: Transport
  readonly #application: string
  readonly #names: InternalNames
  readonly #counts: ReadonlyMap<string, number>
  readonly #parts: readonly Part[]
  /** What is read as it is assigned. */
  readonly #apart: ReadonlySet<string>
  /** What patterns matched at the last look; and before it, and not any more. */
  #matched: ReadonlySet<string> = new Set()
  #gone: ReadonlySet<string> = new Set()

  /** @param counts how many partitions the topics had last, which may change */
  constructor(
    transport: Transport,
    { subtopologies }: Topology,
    names: InternalNames,
    application: string,
    counts: ReadonlyMap<string, number>,
  ) {
    this.#transport = transport
    this.#application = application
    this.#names = names
    this.#counts = counts
    const parts = subtopologies.map((subtopology): Part => {
      const { sources } = subtopology
      const patterns = sources.filter((source) => source.kind === 'source' && source.pattern) as SourceNode[]
      const named = sources.filter((source) => source.kind === 'repartition' || !source.pattern)
      const topics = [...new Set(named.map((source) => names.topicOf(source)))]
      return { topics, patterns, sharedBy: names.tasks(subtopology) ?? largest(topics, counts) }
    })
    this.#parts = parts.filter(({ topics, patterns }) => topics.length > 1 || patterns.length > 0)
    this.#apart = new Set(parts.filter((part) => !this.#parts.includes(part)).flatMap(({ topics }) => topics))
    const ages = this.#parts.map(({ patterns }) => (patterns.length > 0 ? patternAgeMs : namedAgeMs))
    this.refreshMs = Math.min(Infinity, ...ages)
  }

  /**
   * @throws InvalidRequestError when another topic has the most partitions by now, so that members might not agree;
   *   when a topic matches two patterns
   */
  async of(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]> {
    if (this.#parts.length === 0) return assigned
    const known = await this.#look(assigned)
    const shared = this.#parts.filter((part) => this.#share(part, known.counts))
    const isShared = new Set(shared.flatMap((part) => part.topics))
    const isRead = new Set([...this.#apart, ...this.#parts.flatMap((part) => part.topics)])
    const others = assigned.filter(({ topic }) => isRead.has(topic) && !isShared.has(topic))
    const read = shared.flatMap((part) => readFor(part, this.#topicsOf(part, known.counts), assigned, known))
    for (const part of shared) if (part.patterns.length > 0) await this.#grow(part, known.counts)
    return [...others, ...read]
  }

  /** Whether a topic that a pattern has matched was not there any more at the last look. */
  readonly isGone = (topic: string): boolean => this.#gone.has(topic)

  /** @returns whether its tasks are not those of its topics as they are assigned */
  #share(part: Part, counts: ReadonlyMap<string, number>): boolean {
    if (part.patterns.length > 0) return true
    const [before, now] = [part.sharedBy, largest(part.topics, counts)]
    if (now === undefined || before === undefined || counts.get(before) === counts.get(now)) {
      part.sharedBy = before ?? now
      return part.sharedBy !== undefined
    }
    throw new InvalidRequestError(
      `topic '${now}' has ${counts.get(now)} partitions now, more than '${before}' with ${counts.get(before)}, by which the members of '${this.#application}' share what they read together: stop all of them and start them again, so that no two read the same`,
    )
  }

  /** Where a topic has come or grown there are more tasks to share. */
  async #grow(part: Part, counts: ReadonlyMap<string, number>): Promise<void> {
    const tasks = part.sharedBy as string
    const needed = Math.max(...this.#topicsOf(part, counts).map((topic) => counts.get(topic) ?? 0))
    if (needed > (counts.get(tasks) ?? 0)) await growTasks(createAdmin(this.#transport), tasks, needed)
  }

  #topicsOf({ topics, patterns }: Part, counts: ReadonlyMap<string, number>): readonly string[] {
    const matched = [...counts.keys()].filter((topic) => patterns.some((source) => reads(source, topic, this.#names)))
    return [...topics, ...matched]
  }

  /**
   * Who is assigned nothing of what was added does not see by that alone that a topic has come or grown. And not every
   * broker hears of it at the same time: what a former look has found of topics that are named stays found.
   */
  async #look(assigned: readonly AssignedPartition[]): Promise<Known> {
    const patterns = this.#parts.flatMap((part) => part.patterns)
    const named = this.#parts.flatMap(({ topics, patterns: own, sharedBy }) =>
      own.length > 0 ? [...topics, sharedBy as string] : topics,
    )
    const counts = new Map(named.map((topic) => [topic, this.#counts.get(topic) ?? 0]))
    const ids = new Map<string, string | null>()
    const answers = patterns.length > 0 ? await allTopics(this.#transport) : await presentTopics(this.#transport, named)
    for (const answer of answers) {
      if ('error' in answer) continue
      const { topic, topicId, partitions, isInternal } = answer
      const isNamed = counts.has(topic)
      if (!isNamed && (isInternal || !patterns.some((source) => reads(source, topic, this.#names)))) continue
      if (!isNamed) requireOnePattern(patterns, topic, this.#names)
      ids.set(topic, topicId)
      counts.set(topic, Math.max(counts.get(topic) ?? 0, partitions.length))
    }
    for (const { topic, topicId, partition } of assigned) {
      ids.set(topic, topicId)
      if (counts.has(topic) || patterns.some((source) => reads(source, topic, this.#names)))
        counts.set(topic, Math.max(counts.get(topic) ?? 0, partition + 1))
    }
    const matched = new Set([...counts.keys()].filter((topic) => !named.includes(topic)))
    this.#gone = new Set([...this.#matched, ...this.#gone].filter((topic) => !matched.has(topic)))
    this.#matched = matched
    return { counts, ids }
  }
}

interface Known {
  readonly counts: ReadonlyMap<string, number>
  readonly ids: ReadonlyMap<string, string | null>
}

/** What is shared by a topic of its own is owned as long as its partition is read, so that is read as well. */
function readFor(
  { sharedBy, patterns }: Part,
  topics: readonly string[],
  assigned: readonly AssignedPartition[],
  known: Known,
): AssignedPartition[] {
  const own = patterns.length > 0 ? [sharedBy as string] : []
  return assigned
    .filter(({ topic }) => topic === sharedBy)
    .flatMap(({ partition }) =>
      [...own, ...topics]
        .filter((topic) => partition < (known.counts.get(topic) ?? 0))
        .map((topic) => ({ topic, partition, topicId: known.ids.get(topic) ?? null })),
    )
}

/** The topic with the most partitions, the first by its name where several have; undefined where all have as many. */
export function largest(topics: readonly string[], counts: ReadonlyMap<string, number>): string | undefined {
  const of = (topic: string): number => counts.get(topic) ?? 0
  if (new Set(topics.map(of)).size <= 1) return undefined
  const most = Math.max(...topics.map(of))
  return topics.filter((topic) => of(topic) === most).toSorted()[0]
}
