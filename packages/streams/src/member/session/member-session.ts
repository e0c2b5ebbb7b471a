import type { PartitionReader } from '@kafkado/consumer/internal'
import type { Clock } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import type { CommitLoop } from './commit-loop.ts'
import type { Readiness } from '../turn/readiness.ts'
import type { RecordCollector } from '../../task/output/record-collector.ts'
import type { RunningTask } from '../../task/running-task.ts'
import type { TaskSet } from './task-set.ts'

export interface MemberSessionParts {
  readonly reader: PartitionReader
  readonly tasks: TaskSet
  readonly collector: RecordCollector
  readonly commits: CommitLoop
  readonly readiness: Readiness
  readonly clock: Clock
  /** Aborted when the session is given up. */
  readonly over: AbortController
}

/** A member's work from one assignment of all its partitions to the next. Its tasks begin at their last commit. */
export class MemberSession {
  readonly reader: PartitionReader
  readonly tasks: TaskSet
  readonly collector: RecordCollector
  readonly commits: CommitLoop
  readonly readiness: Readiness
  readonly #clock: Clock
  readonly #over: AbortController

  constructor({ reader, tasks, collector, commits, readiness, clock, over }: MemberSessionParts) {
    this.reader = reader
    this.tasks = tasks
    this.collector = collector
    this.commits = commits
    this.readiness = readiness
    this.#clock = clock
    this.#over = over
  }

  get isOver(): boolean {
    return this.#over.signal.aborted
  }

  /** Ends the session: its loop stops waiting at once. Waits for nobody itself. */
  giveUp(reason: unknown): void {
    this.#over.abort(reason)
    this.reader.wake()
  }

  /** @throws the reason why it was given up */
  throwIfOver(): void {
    this.#over.signal.throwIfAborted()
  }

  /** The result of the promise. @throws the reason why the session was given up, when that happens first */
  unlessOver<T>(waited: Promise<T>): Promise<T> {
    return orAborted(waited, this.#over.signal)
  }

  /**
   * The time until there is work even if nothing arrives; Infinity for never.
   *
   * @param nowMs by the monotonic clock
   *
   * @param running the tasks that continue
   */
  nextTimeMs(nowMs: number, running: readonly RunningTask[]): number {
    const times = [this.commits.dueMs, ...running.map(({ task }) => task.nextPunctuationMs)]
    return Math.max(Math.min(...times) - nowMs, 0)
  }

  /** Call it before looking at what has arrived, so that no arrival in between goes unnoticed. */
  awaitArrival(): { wait(longestMs: number): Promise<void>; cancel(): void } {
    const deadline = new AbortController()
    const arrived = this.reader.arrival(deadline.signal)
    return {
      wait: async (longestMs) => {
        const isEndless = longestMs === Infinity
        const timer = isEndless ? undefined : this.#clock.schedule(longestMs, () => deadline.abort(), 'recurring')
        await arrived
        timer?.cancel()
      },
      cancel: () => deadline.abort(),
    }
  }
}
