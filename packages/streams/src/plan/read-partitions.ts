import { createAdmin } from '@kafkado/admin'
import type { AssignedPartition, DerivedPartitions } from '@kafkado/consumer/internal'
import { InvalidRequestError, type Transport } from '@kafkado/core'
import type { SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { reads } from '../graph/topic-patterns.ts'
import type { Topology } from '../graph/topology.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import { countsOf, type KnownTopic, type KnownTopics } from './known-topics.ts'
import { growTasks } from './make-internal-topics.ts'

/**
 * How often to look again, for named topics and for patterns, which need a list of all topics. Kafka:
 * metadata.max.age.ms.
 */
const [namedAgeMs, patternAgeMs] = [10_000, 30_000]

export interface ReadPartitionsParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: Pick<StreamsSettings, 'application'>
  readonly known: KnownTopics
  /** Called after each look at the existing topics. */
  readonly onLook: () => void
}

/** The current topics that a task reads together. */
interface Part {
  readonly topics: readonly string[]
  readonly patterns: readonly SourceNode[]
  /** The topic whose partitions share out the tasks; undefined while all have the same number. */
  sharedBy: string | undefined
}

/**
 * Decides which partitions a member reads for its tasks. The group assigns each topic separately, and gives partitions
 * of the same number to the same member only if the topics have equally many. Otherwise the owner of a partition of the
 * largest topic also reads that partition of the others: each partition then has one reader, and no task waits for
 * another member's partition. For a pattern, the largest topic is an internal one of the application, which always
 * exists.
 */
export class ReadPartitions implements DerivedPartitions {
  readonly refreshMs: number
  readonly #transport: Transport
  readonly #application: string
  readonly #names: InternalNames
  readonly #known: KnownTopics
  readonly #onLook: () => void
  readonly #parts: readonly Part[]
  /** The topics that are read as assigned. */
  readonly #apart: ReadonlySet<string>

  constructor({ transport, topology, names, settings, known, onLook }: ReadPartitionsParts) {
    this.#transport = transport
    this.#application = settings.application
    this.#names = names
    this.#known = known
    this.#onLook = onLook
    const counts = countsOf(known.all)
    const parts = topology.subtopologies.map((subtopology): Part => {
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
   * @throws InvalidRequestError when another topic has the most partitions by now, because members might not agree; or
   *   when a topic matches two patterns
   */
  async of(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]> {
    this.#known.assign(assigned)
    if (this.#parts.length === 0) return assigned
    // A member that gets none of the added partitions would otherwise not notice that a topic has appeared or grown.
    await this.#known.look()
    this.#onLook()
    const known = this.#known.all
    const counts = countsOf(known)
    const shared = this.#parts.filter((part) => this.#share(part, counts))
    const isShared = new Set(shared.flatMap((part) => part.topics))
    const isRead = new Set([...this.#apart, ...this.#parts.flatMap((part) => part.topics)])
    const others = assigned.filter(({ topic }) => isRead.has(topic) && !isShared.has(topic))
    const read = shared.flatMap((part) => readFor(part, this.#topicsOf(part, counts), assigned, known))
    for (const part of shared) if (part.patterns.length > 0) await this.#grow(part, counts)
    return [...others, ...read]
  }

  /** @returns whether its tasks differ from the assignment of its topics */
  #share(part: Part, counts: ReadonlyMap<string, number>): boolean {
    if (part.patterns.length > 0) return true
    const [before, now] = [part.sharedBy, largest(part.topics, counts)]
    if (now === undefined || before === undefined || counts.get(before) === counts.get(now)) {
      part.sharedBy = before ?? now
      return part.sharedBy !== undefined
    }
    throw new InvalidRequestError(
      `topic '${now}' has ${counts.get(now)} partitions now, more than '${before}' with ${counts.get(before)}, ` +
        `by which the members of '${this.#application}' share what they read together: ` +
        'stop all of them and start them again, so that no two read the same',
    )
  }

  /** A new or grown topic makes more tasks to share. */
  async #grow(part: Part, counts: ReadonlyMap<string, number>): Promise<void> {
    const tasks = part.sharedBy as string
    const needed = Math.max(...this.#topicsOf(part, counts).map((topic) => counts.get(topic) ?? 0))
    if (needed > (counts.get(tasks) ?? 0)) await growTasks(createAdmin(this.#transport), tasks, needed)
  }

  #topicsOf({ topics, patterns }: Part, counts: ReadonlyMap<string, number>): readonly string[] {
    const matched = [...counts.keys()].filter((topic) => patterns.some((source) => reads(source, topic, this.#names)))
    return [...topics, ...matched]
  }
}

/** A topic that shares out tasks is owned as long as its partition is read, so it is read as well. */
function readFor(
  { sharedBy, patterns }: Part,
  topics: readonly string[],
  assigned: readonly AssignedPartition[],
  known: ReadonlyMap<string, KnownTopic>,
): AssignedPartition[] {
  const own = patterns.length > 0 ? [sharedBy as string] : []
  return assigned
    .filter(({ topic }) => topic === sharedBy)
    .flatMap(({ partition }) =>
      [...own, ...topics]
        .filter((topic) => partition < (known.get(topic)?.partitions ?? 0))
        .map((topic) => ({ topic, partition, topicId: known.get(topic)?.topicId ?? null })),
    )
}

/** The topic with the most partitions, the first by name of several; undefined if all have the same number. */
export function largest(topics: readonly string[], counts: ReadonlyMap<string, number>): string | undefined {
  const of = (topic: string): number => counts.get(topic) ?? 0
  if (new Set(topics.map(of)).size <= 1) return undefined
  const most = Math.max(...topics.map(of))
  return topics.filter((topic) => of(topic) === most).toSorted()[0]
}
