import type { AssignedPartition } from '@kafkado/consumer/internal'
import { InvalidRequestError, type Transport } from '@kafkado/core'
import { presentTopics } from '@kafkado/core/internal'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'

/** The topics that a task reads together, as they are now. */
interface Part {
  readonly topics: readonly string[]
  /** The topic by which members share the tasks; undefined while all have as many partitions. */
  sharedBy: string | undefined
}

/**
 * Which partitions a member reads for the tasks that it runs. The group assigns each topic by itself, and partitions of one number to one member only where topics
 * have as many of them. Where they have not, who has the partition of the topic with the most reads those of the others too: each has just one reader then,
 * and no task waits for what another member has.
 */
export class ReadPartitions {
  readonly #transport: Transport
  readonly #application: string
  readonly #counts: ReadonlyMap<string, number>
  readonly #parts: readonly Part[]

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
    this.#counts = counts
    this.#parts = subtopologies
      .map(({ sources }) => [...new Set(sources.map((source) => names.topicOf(source)))])
      .filter((topics) => topics.length > 1)
      .map((topics) => ({ topics, sharedBy: largest(topics, counts) }))
  }

  /** @throws InvalidRequestError when another topic has the most partitions by now, so that members might not agree */
  readonly of = async (assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]> => {
    if (this.#parts.length === 0) return assigned
    // Who is assigned nothing of what was added does not see by that alone that a topic has grown.
    const topics = this.#parts.flatMap((part) => part.topics)
    const known = await this.#look(topics, assigned)
    const shared = this.#parts.filter((part) => this.#share(part, known.counts))
    const isShared = new Set(shared.flatMap((part) => part.topics))
    const others = assigned.filter(({ topic }) => !isShared.has(topic))
    return [...others, ...shared.flatMap((part) => readFor(part, assigned, known))]
  }

  /** @returns whether its topics have different numbers of partitions */
  #share(part: Part, counts: ReadonlyMap<string, number>): boolean {
    const [before, now] = [part.sharedBy, largest(part.topics, counts)]
    if (now === undefined || before === undefined || counts.get(before) === counts.get(now)) {
      part.sharedBy = before ?? now
      return part.sharedBy !== undefined
    }
    throw new InvalidRequestError(
      `topic '${now}' has ${counts.get(now)} partitions now, more than '${before}' with ${counts.get(before)}, by which the members of '${this.#application}' share what they read together: stop all of them and start them again, so that no two read the same`,
    )
  }

  /** Not every broker hears of new partitions at the same time. */
  async #look(topics: readonly string[], assigned: readonly AssignedPartition[]): Promise<Known> {
    const counts = new Map(topics.map((topic) => [topic, this.#counts.get(topic) ?? 0]))
    const ids = new Map<string, string | null>()
    for (const answer of await presentTopics(this.#transport, topics)) {
      if ('error' in answer) continue
      const { topic, topicId, partitions } = answer
      ids.set(topic, topicId)
      counts.set(topic, Math.max(counts.get(topic) ?? 0, partitions.length))
    }
    for (const { topic, topicId, partition } of assigned) {
      ids.set(topic, topicId)
      if (counts.has(topic)) counts.set(topic, Math.max(counts.get(topic) ?? 0, partition + 1))
    }
    return { counts, ids }
  }
}

interface Known {
  readonly counts: ReadonlyMap<string, number>
  readonly ids: ReadonlyMap<string, string | null>
}

function readFor(
  { topics, sharedBy }: Part,
  assigned: readonly AssignedPartition[],
  known: Known,
): AssignedPartition[] {
  return assigned
    .filter(({ topic }) => topic === sharedBy)
    .flatMap(({ partition }) =>
      topics
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
