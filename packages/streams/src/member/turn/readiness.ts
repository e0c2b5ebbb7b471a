import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import { partitionKey } from '@kafkado/core/internal'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { Topology } from '../../graph/topology.ts'
import type { StreamsSettings } from '../../settings/streams-options.ts'
import { OwnWrites } from '../../task/own-writes.ts'
import type { Task } from '../../task/task.ts'

/**
 * How long is waited for what the server has; and in all, whatever comes meanwhile, before a record that is held back.
 */
const longestMs = 5000
/** How long is waited for what other tasks may still write. */
const quietMs = 250
/**
 * Records older than this are read again and not as they come: then months may lie between what two topics give at a
 * time.
 */
const historicalMs = 60_000
/** A task that had nothing to hold back for so long waits anew. */
const forgottenMs = 1000

/** What a task waits for. All times are by the monotonic clock. */
interface Wait {
  /** Undefined while there are records of it. */
  sinceMs: number | undefined
  /** When it was last asked for with records that had to wait. */
  askedMs: number
  /** How long the present record was held back before, in all. */
  totalMs: number
  /** How far the other topics were: it changes when a record that was held back is processed. */
  progress: number
  /** It was waited for in vain, and is not waited for until something comes. */
  isOver: boolean
}

export interface ReadinessParts {
  readonly reader: Pick<PartitionReader, 'isCaughtUp' | 'position'>
  readonly topology: Topology
  readonly names: InternalNames
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly settings: Pick<StreamsSettings, 'isExactlyOnce' | 'commitIntervalMs' | 'runtime'>
}

/**
 * Whether a task may go on although one of its topics has no record at hand. Not while the server has some; and, with
 * old records, not before an internal topic has been quiet for a moment: what it gets from other tasks may be on its
 * way. What this member has written to it itself is waited for as what the server has is, as a moment is over soon
 * where a machine is busy. Kafka: max.task.idle.ms (KIP-695).
 *
 * Each wait has an end of its own, which nothing but a record of what is waited for puts off, and even that only up to
 * a limit: so whatever else comes and however old the records are, every record is processed.
 */
export class Readiness {
  readonly #parts: ReadinessParts
  /** To be told what is written to the internal topics. */
  readonly writes: OwnWrites
  readonly #repartitions: ReadonlySet<string>
  readonly #quietMs: number
  readonly #longestMs: number
  readonly #waits = new Map<string, Wait>()
  #nowMs = 0
  #patienceMs = Infinity

  constructor(parts: ReadinessParts) {
    this.#parts = parts
    const { topology, names, settings } = parts
    const repartitions = topology.nodes.filter((node) => node.kind === 'repartition')
    this.#repartitions = new Set(repartitions.map((node) => names.repartition(node)))
    this.writes = new OwnWrites(this.#repartitions)
    // What is written in a transaction is seen when that is committed.
    this.#quietMs = quietMs + (settings.isExactlyOnce ? settings.commitIntervalMs : 0)
    this.#longestMs = Math.max(longestMs, this.#quietMs)
  }

  /** Within a turn no time passes. */
  beginTurn(): void {
    this.#nowMs = this.#parts.settings.runtime.clock.monotonic()
    this.#patienceMs = Infinity
  }

  /** In how long the first of the waits that were found in this turn is over; Infinity without one. */
  get patienceMs(): number {
    return this.#patienceMs
  }

  /** Whether a topic without a record at hand need not be waited for. */
  hasNoMore(task: Task, topic: string): boolean {
    const { partition } = task
    if (partition >= (this.#parts.partitionCounts.get(topic) ?? 0)) return true
    const key = partitionKey({ topic, partition })
    let wait = this.#waits.get(key)
    if (wait?.isOver) {
      const isForgotten = this.#nowMs - wait.askedMs >= forgottenMs
      if (!isForgotten || !this.#parts.reader.isCaughtUp({ topic, partition })) {
        if (task.hasQueued) wait.askedMs = this.#nowMs
        return true
      }
      wait = undefined
    }
    const patienceMs = this.#patienceFor(task, topic)
    if (patienceMs === 0) {
      this.#waits.delete(key)
      return true
    }
    if (!wait) this.#waits.set(key, (wait = newWait(this.#nowMs)))
    return this.#goOn(wait, patienceMs, progressBeside(task, topic))
  }

  /**
   * Whether records of a source are on their way that may be earlier than those of other tasks. Internal topics get
   * theirs from these.
   */
  isAwaited(task: Task): boolean {
    return task.queues.some(
      ({ topic, size }) => size === 0 && !this.#repartitions.has(topic) && !this.hasNoMore(task, topic),
    )
  }

  onArrival(partition: TopicPartition): void {
    const key = partitionKey(partition)
    const wait = this.#waits.get(key)
    if (!wait) return
    if (wait.isOver && wait.totalMs < longestMs) this.#waits.delete(key)
    else if (wait.sinceMs !== undefined) {
      wait.totalMs += this.#nowMs - wait.sinceMs
      wait.sinceMs = undefined
    }
  }

  /** @returns whether it was waited long enough */
  #goOn(wait: Wait, patienceMs: number, progress: number): boolean {
    if (wait.progress !== progress) {
      wait.progress = progress
      wait.totalMs = 0
    }
    wait.sinceMs ??= this.#nowMs
    wait.askedMs = this.#nowMs
    const leftMs = Math.min(patienceMs, this.#longestMs - wait.totalMs) - (this.#nowMs - wait.sinceMs)
    wait.isOver = leftMs <= 0
    if (wait.isOver) wait.totalMs += this.#nowMs - wait.sinceMs
    else this.#patienceMs = Math.min(this.#patienceMs, leftMs)
    return wait.isOver
  }

  #patienceFor(task: Task, topic: string): number {
    const { reader } = this.#parts
    const partition = { topic, partition: task.partition }
    if (!reader.isCaughtUp(partition)) return longestMs
    if (!this.#repartitions.has(topic) || !this.#isHistorical(task)) return 0
    return this.writes.areOnTheirWay(partition, reader) ? this.#longestMs : this.#quietMs
  }

  #isHistorical({ queues }: Task): boolean {
    const now = this.#parts.settings.runtime.clock.now()
    return queues.some(({ headTimestamp }) => headTimestamp !== undefined && headTimestamp < now - historicalMs)
  }
}

function newWait(nowMs: number): Wait {
  return { sinceMs: nowMs, askedMs: nowMs, totalMs: 0, progress: -1, isOver: false }
}

/** How far a task has come in its other topics. */
function progressBeside({ queues, positions }: Task, topic: string): number {
  let progress = 0
  for (const queue of queues) if (queue.topic !== topic) progress += positions.get(queue.topic) ?? 0
  return progress
}
