import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import type { Clock } from '@kafkado/core'
import type { Task } from './task.ts'

/** How long is waited for what the server has, and for what other tasks may still write. */
const fetchPatienceMs = 2000
const quietMs = 250
/** Records older than this are read again and not as they come: then months may lie between what two topics give at a time. */
const historicalMs = 60_000

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/**
 * Whether a task may go on although one of its topics has no record at hand. Not while the server has some; and, with old records, not before an internal
 * topic has been quiet for a moment: what it gets from other tasks may be on its way. What is waited for in vain counts as quiet until something comes.
 * Kafka: max.task.idle.ms (KIP-695).
 */
export class Readiness {
  readonly #reader: PartitionReader
  readonly #partitionCounts: ReadonlyMap<string, number>
  readonly #repartitions: ReadonlySet<string>
  readonly #clock: Clock
  readonly #quiet = new Set<string>()

  constructor(
    reader: PartitionReader,
    partitionCounts: ReadonlyMap<string, number>,
    repartitions: ReadonlySet<string>,
    clock: Clock,
  ) {
    this.#reader = reader
    this.#partitionCounts = partitionCounts
    this.#repartitions = repartitions
    this.#clock = clock
  }

  /** Whether a topic without a record at hand need not be waited for. */
  hasNoMore(task: Task, topic: string): boolean {
    const { partition } = task
    if (partition >= (this.#partitionCounts.get(topic) ?? 0) || this.#quiet.has(keyOf({ topic, partition })))
      return true
    if (!this.#reader.isCaughtUp({ topic, partition })) return false
    return !this.#repartitions.has(topic) || !this.#isHistorical(task)
  }

  /** Whether records of a source are on their way that may be earlier than those of other tasks. Internal topics get theirs from these. */
  isAwaited(task: Task): boolean {
    return task.queues.some(
      ({ topic, size }) => size === 0 && !this.#repartitions.has(topic) && !this.hasNoMore(task, topic),
    )
  }

  onArrival(partition: TopicPartition): void {
    this.#quiet.delete(keyOf(partition))
  }

  /** How long to wait for what is on its way. */
  patienceMs(tasks: readonly Task[]): number {
    return tasks.some((task) => this.isAwaited(task)) ? fetchPatienceMs : quietMs
  }

  /** Nothing came of what was waited for. */
  onQuiet(tasks: readonly Task[]): void {
    for (const { queues, partition } of tasks)
      for (const { topic, size } of queues) if (size === 0) this.#quiet.add(keyOf({ topic, partition }))
  }

  #isHistorical({ queues }: Task): boolean {
    const now = this.#clock.now()
    return queues.some(({ headTimestamp }) => headTimestamp !== undefined && headTimestamp < now - historicalMs)
  }
}
