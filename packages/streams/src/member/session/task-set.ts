import type { TopicPartition } from '@kafkado/consumer'
import { MemberFencedError } from '@kafkado/core'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { Subtopology, Topology } from '../../graph/topology.ts'
import { CacheBudget } from '../../processors/record-cache.ts'
import type { RunningTask } from '../../task/running-task.ts'

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/** A task that could run, by what is assigned. */
export interface PossibleTask {
  readonly id: string
  readonly subtopology: Subtopology
  readonly partition: number
}

/** Which tasks this member runs: those of which it owns all partitions. */
export class TaskSet {
  /** What the caches of all tasks may hold; undefined without caches. */
  readonly cache: CacheBudget | undefined
  readonly #topology: Topology
  readonly #names: InternalNames
  readonly #partitionCounts: ReadonlyMap<string, number>
  readonly #assigned = new Map<string, TopicPartition>()
  readonly #tasks = new Map<string, RunningTask>()
  readonly #byPartition = new Map<string, RunningTask>()

  constructor(
    topology: Topology,
    names: InternalNames,
    partitionCounts: ReadonlyMap<string, number>,
    cacheMaxBytes: number,
  ) {
    this.cache = cacheMaxBytes > 0 ? new CacheBudget(cacheMaxBytes) : undefined
    this.#topology = topology
    this.#names = names
    this.#partitionCounts = partitionCounts
  }

  get all(): readonly RunningTask[] {
    return [...this.#tasks.values()]
  }

  /** The task that reads a partition, if it runs. */
  readerOf(partition: TopicPartition): RunningTask | undefined {
    return this.#byPartition.get(keyOf(partition))
  }

  /** @throws MemberFencedError when one of them is here already: it was lost in between, and others may have gone on with it */
  assign(partitions: readonly TopicPartition[]): void {
    const again = partitions.find((partition) => this.#assigned.has(keyOf(partition)))
    if (again)
      throw new MemberFencedError(`topic '${again.topic}' partition ${again.partition} was lost and is assigned again`)
    for (const partition of partitions) this.#assigned.set(keyOf(partition), partition)
  }

  /** @returns the tasks that cannot go on without these partitions, which are no longer among the running ones */
  revoke(partitions: readonly TopicPartition[]): RunningTask[] {
    const lost = new Set<RunningTask>()
    for (const partition of partitions) {
      this.#assigned.delete(keyOf(partition))
      const task = this.#byPartition.get(keyOf(partition))
      if (task) lost.add(task)
    }
    for (const task of lost) this.#remove(task)
    return [...lost]
  }

  clear(): RunningTask[] {
    const all = [...this.#tasks.values()]
    this.#assigned.clear()
    for (const task of all) this.#remove(task)
    return all
  }

  /** Those that have all their partitions and do not run. */
  missing(): PossibleTask[] {
    return this.#topology.subtopologies.flatMap((subtopology) => {
      const topics = subtopology.sources.map((source) => this.#names.topicOf(source))
      const count = Math.max(0, ...topics.map((topic) => this.#partitionCounts.get(topic) ?? 0))
      return Array.from({ length: count }, (_, partition) => ({
        id: `${subtopology.id}_${partition}`,
        subtopology,
        partition,
      })).filter(({ id, partition }) => !this.#tasks.has(id) && this.#hasAll(topics, partition))
    })
  }

  add(running: RunningTask): void {
    const { id, partition, queues } = running.task
    this.#tasks.set(id, running)
    for (const { topic } of queues) this.#byPartition.set(keyOf({ topic, partition }), running)
  }

  #hasAll(topics: readonly string[], partition: number): boolean {
    const own = topics.filter((topic) => partition < (this.#partitionCounts.get(topic) ?? 0))
    return own.length > 0 && own.every((topic) => this.#assigned.has(keyOf({ topic, partition })))
  }

  #remove(running: RunningTask): void {
    const { id, partition, queues } = running.task
    this.#tasks.delete(id)
    for (const { topic } of queues) this.#byPartition.delete(keyOf({ topic, partition }))
  }
}
