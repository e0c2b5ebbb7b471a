import type { TopicPartition } from '@kafkado/consumer'
import { MemberFencedError } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import type { InternalNames } from '../../graph/internal-names.ts'
import { topicsOf } from '../../graph/topic-patterns.ts'
import type { Subtopology, Topology } from '../../graph/topology.ts'
import { CacheBudget } from '../../processors/record-cache.ts'
import type { RunningTask } from '../../task/running-task.ts'

/** A task that could run with the assigned partitions. */
export interface PossibleTask {
  readonly id: string
  readonly subtopology: Subtopology
  readonly partition: number
}

/** The tasks that this member runs: those with all partitions assigned to it. */
export class TaskSet {
  /** The limit shared by the caches of all tasks; undefined without caches. */
  readonly cache: CacheBudget | undefined
  readonly #topology: Topology
  readonly #names: InternalNames
  readonly #partitionCounts: ReadonlyMap<string, number>
  readonly #assigned = new Map<string, TopicPartition>()
  readonly #tasks = new Map<string, RunningTask>()
  readonly #byPartition = new Map<string, RunningTask>()
  /** The tasks that read patterns, by the partition that decides who runs them. */
  readonly #shared = new Map<string, RunningTask>()

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

  /** The task that reads a partition, if it is running. */
  readerOf(partition: TopicPartition): RunningTask | undefined {
    return this.#byPartition.get(partitionKey(partition))
  }

  /**
   * @throws MemberFencedError when it has one of them already: the partition was lost in between, and others may have
   *   processed it
   */
  assign(partitions: readonly TopicPartition[]): void {
    const again = partitions.find((partition) => this.#assigned.has(partitionKey(partition)))
    if (again)
      throw new MemberFencedError(`topic '${again.topic}' partition ${again.partition} was lost and is assigned again`)
    for (const partition of partitions) this.#assigned.set(partitionKey(partition), partition)
  }

  /** @returns the tasks that cannot run without these partitions; they are no longer among the running ones */
  revoke(partitions: readonly TopicPartition[]): RunningTask[] {
    const lost = new Set<RunningTask>()
    const left = new Set<RunningTask>()
    for (const partition of partitions) {
      this.#assigned.delete(partitionKey(partition))
      const shared = this.#shared.get(partitionKey(partition))
      if (shared) lost.add(shared)
      const task = this.#byPartition.get(partitionKey(partition))
      if (task) (task.task.inputs.isMatched(partition.topic) ? left : lost).add(task)
    }
    for (const task of lost) this.#remove(task)
    // A topic matched by a pattern is gone; the task continues with the others.
    for (const task of left) if (!lost.has(task)) this.#follow(task)
    return [...lost]
  }

  clear(): RunningTask[] {
    const all = [...this.#tasks.values()]
    this.#assigned.clear()
    for (const task of all) this.#remove(task)
    return all
  }

  /** The tasks that have all their partitions but are not running. */
  missing(): PossibleTask[] {
    return this.#topology.subtopologies.flatMap((subtopology) => {
      const topics = this.#topicsOf(subtopology)
      const tasks = this.#names.tasks(subtopology)
      const count = Math.max(0, ...topics.map((topic) => this.#partitionCounts.get(topic) ?? 0))
      return Array.from({ length: count }, (_, partition) => ({
        id: `${subtopology.id}_${partition}`,
        subtopology,
        partition,
      }))
        .filter(({ id, partition }) => !this.#tasks.has(id) && this.#hasAll(topics, partition))
        .filter(({ partition }) => tasks === undefined || this.#assigned.has(partitionKey({ topic: tasks, partition })))
    })
  }

  add(running: RunningTask): void {
    const { id, partition, subtopology } = running.task
    const tasks = this.#names.tasks(subtopology)
    this.#tasks.set(id, running)
    if (tasks !== undefined) this.#shared.set(partitionKey({ topic: tasks, partition }), running)
    this.#follow(running)
  }

  /** Lets running tasks read the topics that their patterns match by now. */
  followPatterns(): void {
    for (const running of this.#shared.values()) this.#follow(running)
  }

  #follow(running: RunningTask): void {
    const { task } = running
    const { partition, subtopology } = task
    for (const { topic } of task.queues) this.#byPartition.delete(partitionKey({ topic, partition }))
    task.follow(this.#topicsOf(subtopology).filter((topic) => this.#assigned.has(partitionKey({ topic, partition }))))
    for (const { topic } of task.queues) this.#byPartition.set(partitionKey({ topic, partition }), running)
  }

  /** The topics that a subtopology reads: named ones, and those that match its patterns and that this member reads. */
  #topicsOf({ sources }: Subtopology): string[] {
    const read = new Set([...this.#assigned.values()].map(({ topic }) => topic))
    return sources.flatMap((source) => topicsOf(source, this.#names, read))
  }

  #hasAll(topics: readonly string[], partition: number): boolean {
    const own = topics.filter((topic) => partition < (this.#partitionCounts.get(topic) ?? 0))
    return own.length > 0 && own.every((topic) => this.#assigned.has(partitionKey({ topic, partition })))
  }

  #remove(running: RunningTask): void {
    const { id, partition, queues, subtopology } = running.task
    const tasks = this.#names.tasks(subtopology)
    this.#tasks.delete(id)
    if (tasks !== undefined) this.#shared.delete(partitionKey({ topic: tasks, partition }))
    for (const { topic } of queues) this.#byPartition.delete(partitionKey({ topic, partition }))
  }
}
