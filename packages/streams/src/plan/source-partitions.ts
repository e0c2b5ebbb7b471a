import type { TopicPartition } from '@kafkado/consumer'
import { InvalidRequestError, type Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { partitionCountsOf } from './partition-counts.ts'
import { planOf } from './plan.ts'

/** How many partitions each topic has that the topology reads, also when partitions are added while it runs. */
export class SourcePartitions {
  readonly #transport: Transport
  readonly #topology: Topology
  readonly #names: InternalNames
  readonly #application: string
  readonly #counts: Map<string, number>

  constructor(
    transport: Transport,
    topology: Topology,
    names: InternalNames,
    application: string,
    counts: ReadonlyMap<string, number>,
  ) {
    this.#transport = transport
    this.#topology = topology
    this.#names = names
    this.#application = application
    this.#counts = new Map(counts)
  }

  /** By topic. It changes. */
  get partitionCounts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /**
   * Looks again where a partition is assigned that was not there before.
   *
   * @throws InvalidRequestError when the application cannot read it with the state and the internal topics that it has
   */
  async follow(assigned: readonly TopicPartition[]): Promise<void> {
    const added = assigned.filter(({ topic, partition }) => partition >= (this.#counts.get(topic) ?? 0))
    const [first] = added
    if (!first) return
    const counts = await partitionCountsOf(this.#transport, this.#topology, this.#names)
    // Not every broker hears of new partitions at the same time.
    for (const { topic, partition } of added) counts.set(topic, Math.max(counts.get(topic) ?? 0, partition + 1))
    this.#requireFitting(first.topic, counts)
    for (const [topic, count] of counts) this.#counts.set(topic, count)
  }

  #requireFitting(topic: string, counts: ReadonlyMap<string, number>): void {
    const planned = (of: ReadonlyMap<string, number>): Map<string, { partitions: number; store?: string }> => {
      const { stores, repartitions } = planOf(this.#topology, this.#names, this.#application, of)
      return new Map([
        ...stores.map(({ changelog, partitions, name }) => [changelog, { partitions, store: name }] as const),
        ...repartitions.map(({ topic: name, partitions }) => [name, { partitions }] as const),
      ])
    }
    const [before, after] = [planned(this.#counts), planned(counts)]
    for (const [internal, { partitions, store }] of after) {
      const present = before.get(internal)?.partitions ?? partitions
      if (partitions === present) continue
      const what = store === undefined ? 'its records' : `the state of store '${store}'`
      const how =
        store === undefined
          ? `give the application another name than '${this.#application}', so that it reads everything again`
          : `start it once with dropState: ['${store}'], to make the state anew from the records that come then; or give the application another name than '${this.#application}', so that it reads everything again`
      throw new InvalidRequestError(
        `topic '${topic}' has ${counts.get(topic)} partitions now and had ${this.#counts.get(topic)} when the application began: ${what} would have to be spread over ${partitions} partitions, but internal topic '${internal}' has ${present}. Stop all members, and ${how}`,
      )
    }
  }
}
