import type { TopicPartition } from '@kafkado/consumer'
import { InvalidRequestError, KafkaError, type Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import { countsOf, type KnownTopic, type KnownTopics } from './known-topics.ts'
import { requireChangelogs } from './internal-topics.ts'
import { makeInternalTopics } from './make-internal-topics.ts'
import { partitionCountsOf } from './partition-counts.ts'
import { type Plan, planOf } from './plan.ts'
import { existingOf, type PlannedTopics, requireFitting, requireStateInPlace } from './require-fitting.ts'

export interface SourcePartitionsParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: Pick<StreamsSettings, 'application' | 'replicationFactor'>
  readonly known: KnownTopics
  /** Called when missing internal topics were made. */
  readonly onPlan: (plan: Plan) => void
}

/**
 * Follows the numbers of partitions of all topics in the topology, while partitions and topics are added, or topics are
 * deleted and made again, as far as the application can read them with its present state.
 */
export class SourcePartitions {
  readonly #parts: SourcePartitionsParts
  readonly #counts: Map<string, number>
  /** The last topics that fitted. */
  #sources: ReadonlyMap<string, KnownTopic>

  /** @param counts the numbers when the application began */
  constructor(parts: SourcePartitionsParts, counts: ReadonlyMap<string, number>) {
    this.#parts = parts
    this.#counts = new Map(counts)
    this.#sources = parts.known.sources
  }

  /** By topic. The map changes. */
  get partitionCounts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** Whether topics or their partitions have changed since. */
  get isBehind(): boolean {
    return !areSame(this.#parts.known.sources, this.#sources)
  }

  /**
   * Looks at the existing topics again.
   *
   * @throws InvalidRequestError when the application cannot read them with its state and its internal topics;
   *   KafkaError, retriable, when it needs other internal topics, so that the member has to join its group anew
   */
  async follow(): Promise<void> {
    const { transport, topology, names, known } = this.#parts
    await this.#look()
    const { sources } = known
    if (areSame(sources, this.#sources)) return
    const unheard = [...sources.keys()].find((topic) => known.isToldOtherwise(topic))
    if (unheard !== undefined) throw unheardOf(unheard)
    const counts = await partitionCountsOf(transport, topology, names, countsOf(sources))
    const [before, after] = [this.#planOf(this.#counts), this.#planOf(counts)]
    const existing = await existingOf(transport, after)
    await this.#requireFitting(sources, counts, { plan: after, existing })
    await this.#makeMissing(after, existing)
    this.#counts.clear()
    for (const [topic, count] of counts) this.#counts.set(topic, count)
    this.#sources = sources
    const [none, some] = [topicsWith(before, false), topicsWith(after, true)]
    const isRead = some.repartitions.filter((topic) => none.repartitions.includes(topic))
    const isKept = some.stores.some((topic) => none.stores.includes(topic))
    if (isKept || isRead.length > 0) this.#parts.onPlan(after)
    if (isRead.length > 0) throw readFromNowOn(isRead)
  }

  /** @throws InvalidRequestError when a repartition topic was made again with other partitions */
  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    // It may be gone; it is made again when an answer says so.
    if (partitions.some(({ topic }) => this.#parts.known.isInternal(topic))) await this.#look()
  }

  async #look(): Promise<void> {
    const { topology, names, known } = this.#parts
    await known.look()
    for (const node of topology.nodes) {
      if (node.kind !== 'repartition') continue
      const topic = names.repartition(node)
      const [needed, present] = [this.#counts.get(topic), known.countOf(topic)]
      if (needed !== 0 && present !== undefined && present !== needed) throw otherwiseMade(topic, present, needed)
    }
  }

  async #requireFitting(
    sources: ReadonlyMap<string, KnownTopic>,
    counts: ReadonlyMap<string, number>,
    planned: PlannedTopics,
  ): Promise<void> {
    const { settings, known } = this.#parts
    const place = { ...this.#parts, application: settings.application }
    const isTold = (topic: string): boolean => known.isTold(topic)
    requireFitting(place, planned, { counts, before: countsOf(this.#sources), isTold })
    const idBefore = (topic: string) => this.#sources.get(topic)?.topicId
    const isRead = (topic: string): boolean =>
      !isTold(topic) || (idBefore(topic) !== undefined && idBefore(topic) === sources.get(topic)?.topicId)
    await requireStateInPlace(place, counts, isRead)
  }

  #planOf(counts: ReadonlyMap<string, number>): Plan {
    const { topology, names, settings } = this.#parts
    return planOf(topology, names, settings.application, counts)
  }

  /**
   * Makes the internal topics of a pattern that matched nothing before. @throws InvalidRequestError when one is gone
   */
  async #makeMissing(plan: Plan, existing: ReadonlyMap<string, number>): Promise<void> {
    const { transport, settings } = this.#parts
    const stores = plan.stores.filter(({ changelog, partitions }) => partitions > 0 && !existing.has(changelog))
    const repartitions = plan.repartitions.filter(({ topic, partitions }) => partitions > 0 && !existing.has(topic))
    if (stores.length + repartitions.length === 0) return
    const unheard = [...this.#parts.known.sources.keys()].find((topic) => !this.#parts.known.isTold(topic))
    if (unheard !== undefined) throw unheardOf(unheard)
    const missing = { ...plan, stores, repartitions }
    await requireChangelogs(transport, missing, undefined, existing, () => false)
    await makeInternalTopics(transport, missing, existing, settings)
  }
}

/** The internal topics of a plan with partitions, or without any. */
function topicsWith(
  { stores, repartitions }: Plan,
  haveAny: boolean,
): { readonly stores: readonly string[]; readonly repartitions: readonly string[] } {
  return {
    stores: stores.filter(({ partitions }) => partitions > 0 === haveAny).map(({ changelog }) => changelog),
    repartitions: repartitions.filter(({ partitions }) => partitions > 0 === haveAny).map(({ topic }) => topic),
  }
}

function areSame(some: ReadonlyMap<string, KnownTopic>, others: ReadonlyMap<string, KnownTopic>): boolean {
  if (some.size !== others.size) return false
  for (const [topic, { topicId, partitions }] of some) {
    const other = others.get(topic)
    if (!other || other.topicId !== topicId || other.partitions !== partitions) return false
  }
  return true
}

function otherwiseMade(topic: string, present: number, needed: number | undefined): InvalidRequestError {
  return new InvalidRequestError(
    `repartition topic '${topic}' was deleted and made again while the application runs, ` +
      `and has ${present} ${present === 1 ? 'partition' : 'partitions'} now, but the topology needs ${needed}: ` +
      'records of a key would be looked for in another partition than where they are. Stop all members, ' +
      'delete the topic and start again: the application makes it as it has to be, ' +
      'and what was written to it and not processed is lost',
  )
}

function unheardOf(topic: string): KafkaError {
  return new KafkaError(
    `topic '${topic}' was made a moment ago, and not every broker has heard of that: ` +
      'the member looks again how many partitions it has',
    { code: 'TOPIC_UNHEARD_OF', retriable: true, outcome: 'failed' },
  )
}

function readFromNowOn(topics: readonly string[]): KafkaError {
  const made = topics.map((one) => `'${one}'`).join(' and ')
  return new KafkaError(
    `a topic matches a pattern for the first time, so there is ${made} now, ` +
      'which the member reads once it has joined its group anew',
    { code: 'TOPICS_ADDED', retriable: true, outcome: 'failed' },
  )
}
