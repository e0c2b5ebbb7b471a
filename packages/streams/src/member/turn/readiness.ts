import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import { partitionKey } from '@kafkado/core/internal'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { Topology } from '../../graph/topology.ts'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import { OwnWrites } from '../../task/own-writes.ts'
import type { Task } from '../../task/task.ts'

/**
 * How long to wait for records of the server; and the longest time in all that a record is held back, whatever arrives
 * meanwhile.
 */
const longestMs = 5000
/** How long to wait for records that other tasks may still write. */
const quietMs = 250
/**
 * Older records are read again rather than as they are written: then months may lie between records that two topics
 * give at the same time.
 */
const historicalMs = 60_000
/** A task that had nothing to hold back for this time waits anew. */
const forgottenMs = 1000

/** The state of a task's wait. All times are by the monotonic clock. */
interface Wait {
  /** Undefined while it has records. */
  sinceMs: number | undefined
  /** When a wait with held-back records was last asked about. */
  askedMs: number
  /** How long the current record was held back before, in all. */
  totalMs: number
  /** The progress of the other topics: it changes when a held-back record is processed. */
  progress: number
  /** The wait was in vain, and is not repeated until something arrives. */
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
 * Whether a task may continue although one of its topics has no record at hand. It may not while the server has some.
 * With old records, it may not before an internal topic has been quiet for a moment, because records of other tasks may
 * be on their way. It waits for this member's own writes as long as for records of the server, because on a busy
 * machine a moment may be too short. Kafka: max.task.idle.ms (KIP-695).
 *
 * Each wait has its own end. Only a record of the awaited topic puts it off, and only up to a limit: so every record is
 * processed, whatever else arrives and however old the records are.
 */
export class Readiness {
  readonly #parts: ReadinessParts
  /** Call it with each write to the internal topics. */
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
    // Records written in a transaction become visible with its commit.
    this.#quietMs = quietMs + (settings.isExactlyOnce ? settings.commitIntervalMs : 0)
    this.#longestMs = Math.max(longestMs, this.#quietMs)
  }

  /** No time passes within a turn. */
  beginTurn(): void {
    this.#nowMs = this.#parts.settings.runtime.clock.monotonic()
    this.#patienceMs = Infinity
  }

  /** The time until the first of this turn's waits ends; Infinity without one. */
  get patienceMs(): number {
    return this.#patienceMs
  }

  /** Whether there is no need to wait for a topic without a record at hand. */
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
   * Whether a source may get records that are earlier than those of other tasks. Internal topics get theirs from these
   * tasks.
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

  /** @returns whether the wait was long enough */
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

/** The progress of a task in its other topics. */
function progressBeside({ queues, positions }: Task, topic: string): number {
  let progress = 0
  for (const queue of queues) if (queue.topic !== topic) progress += positions.get(queue.topic) ?? 0
  return progress
}
