import type { TopicPartition } from '@kafkado/consumer'
import { InvalidRequestError, KafkaError, type Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import type { StreamsSettings } from '../streams-options.ts'
import { makeInternalTopics } from './make-internal-topics.ts'
import { partitionCountsOf } from './partition-counts.ts'
import { partitionsOf } from './partitions-of.ts'
import { type Plan, planOf } from './plan.ts'

/**
 * How many partitions each topic has that the topology reads, also when partitions and topics are added while it runs.
 */
export class SourcePartitions {
  readonly #transport: Transport
  readonly #topology: Topology
  readonly #names: InternalNames
  readonly #settings: Pick<StreamsSettings, 'application' | 'replicationFactor'>
  readonly #counts: Map<string, number>

  constructor(
    transport: Transport,
    topology: Topology,
    names: InternalNames,
    settings: Pick<StreamsSettings, 'application' | 'replicationFactor'>,
    counts: ReadonlyMap<string, number>,
  ) {
    this.#transport = transport
    this.#topology = topology
    this.#names = names
    this.#settings = settings
    this.#counts = new Map(counts)
  }

  /** By topic. It changes. */
  get partitionCounts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /**
   * Looks again where a partition is assigned that was not there before.
   *
   * @throws InvalidRequestError when the application cannot read it with the state and the internal topics that it
   *   has; KafkaError, retriable, when it has to be read with others, so that the member has to join its group anew
   */
  async follow(assigned: readonly TopicPartition[]): Promise<void> {
    const added = assigned.filter(({ topic, partition }) => partition >= (this.#counts.get(topic) ?? 0))
    const [first] = added
    if (!first) return
    const counts = await partitionCountsOf(this.#transport, this.#topology, this.#names)
    // Not every broker hears of new partitions at the same time.
    for (const { topic, partition } of added) counts.set(topic, Math.max(counts.get(topic) ?? 0, partition + 1))
    const [before, after] = [this.#planOf(this.#counts), this.#planOf(counts)]
    this.#requireFitting(first.topic, counts, madeBy(before), madeBy(after))
    const made = await this.#makeLeft(before, after)
    this.#counts.clear()
    for (const [topic, count] of counts) this.#counts.set(topic, count)
    if (made.length > 0) throw readFromNowOn(made)
  }

  #planOf(counts: ReadonlyMap<string, number>): Plan {
    return planOf(this.#topology, this.#names, this.#settings.application, counts)
  }

  /** Makes the internal topics of a pattern that had matched nothing. @returns those that are read */
  async #makeLeft(before: Plan, after: Plan): Promise<readonly string[]> {
    const isLeft = new Set([...madeBy(before)].filter(([, { partitions }]) => partitions === 0).map(([topic]) => topic))
    if (isLeft.size === 0) return []
    const stores = after.stores.filter(({ changelog }) => isLeft.has(changelog))
    const repartitions = after.repartitions.filter(({ topic, partitions }) => isLeft.has(topic) && partitions > 0)
    const existing = await partitionsOf(this.#transport, [...isLeft], false)
    await makeInternalTopics(this.#transport, { ...after, stores, repartitions }, existing, this.#settings)
    return repartitions.map(({ topic }) => topic)
  }

  #requireFitting(topic: string, counts: ReadonlyMap<string, number>, before: Made, after: Made): void {
    const { application } = this.#settings
    for (const [internal, { partitions, store, mayGrow }] of after) {
      const present = before.get(internal)?.partitions ?? partitions
      if (partitions === present || present === 0 || partitions === 0 || mayGrow) continue
      const what = store === undefined ? 'its records' : `the state of store '${store}'`
      const how =
        store === undefined
          ? `give the application another name than '${application}', so that it reads everything again`
          : `start it once with dropState: ['${store}'], to make the state anew from the records that come then; or give the application another name than '${application}', so that it reads everything again`
      const had = this.#counts.get(topic)
      const which =
        had === undefined ? 'and matches a pattern of the application' : `now and had ${had} when the application began`
      throw new InvalidRequestError(
        `topic '${topic}' has ${counts.get(topic)} partitions ${which}: ${what} would have to be spread over ${partitions} partitions, but internal topic '${internal}' has ${present}. Stop all members, and ${how}`,
      )
    }
  }
}

type Made = ReadonlyMap<string, MadeTopic>

interface MadeTopic {
  readonly partitions: number
  /** Whose state it has, if it is a changelog. */
  readonly store?: string
  readonly mayGrow?: boolean
}

/** The internal topics of a plan. */
function madeBy({ stores, repartitions }: Plan): Made {
  return new Map<string, MadeTopic>([
    ...stores.map(({ changelog, partitions, name }): [string, MadeTopic] => [changelog, { partitions, store: name }]),
    ...repartitions.map(({ topic, partitions, isForTasks = false }): [string, MadeTopic] => [
      topic,
      { partitions, mayGrow: isForTasks },
    ]),
  ])
}

function readFromNowOn(topics: readonly string[]): KafkaError {
  const made = topics.map((one) => `'${one}'`).join(' and ')
  return new KafkaError(
    `a topic matches a pattern for the first time, so there is ${made} now, which the member reads once it has joined its group anew`,
    { code: 'TOPICS_ADDED', retriable: true, outcome: 'failed' },
  )
}
