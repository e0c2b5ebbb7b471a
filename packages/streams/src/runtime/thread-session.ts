import type { PartitionReader } from '@kafkado/consumer/internal'
import type { CommitLoop } from './commit-loop.ts'
import type { Readiness } from './readiness.ts'
import type { RecordCollector } from './record-collector.ts'
import type { TaskSet } from './task-set.ts'

/** One stay in the group. */
export class ThreadSession {
  readonly reader: PartitionReader
  readonly tasks: TaskSet
  readonly collector: RecordCollector
  readonly commits: CommitLoop
  readonly readiness: Readiness
  isOver = false
  #failure: { readonly error: unknown } | undefined

  constructor(
    reader: PartitionReader,
    tasks: TaskSet,
    collector: RecordCollector,
    commits: CommitLoop,
    readiness: Readiness,
  ) {
    this.readiness = readiness
    this.reader = reader
    this.tasks = tasks
    this.collector = collector
    this.commits = commits
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.reader.wake()
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error
  }

  /** When there is something to do although nothing comes. */
  nextTimeMs(now: number): number | undefined {
    const times = [this.commits.dueMs, ...this.tasks.all.map(({ task }) => task.nextPunctuationMs)]
    const earliest = Math.min(...times)
    return earliest === Infinity ? undefined : Math.max(earliest - now, 0)
  }

  /** Has to be called before it is looked what has come, so that nothing comes unnoticed in between. */
  awaitArrival(): { wait(longestMs: number | undefined): Promise<'in vain' | 'something'>; cancel(): void } {
    const deadline = new AbortController()
    const arrived = this.reader.arrival(deadline.signal)
    const { clock } = this.commits
    return {
      async wait(longestMs) {
        const timer = longestMs === undefined ? undefined : clock.schedule(longestMs, () => deadline.abort())
        await arrived
        timer?.cancel()
        return deadline.signal.aborted ? 'in vain' : 'something'
      },
      cancel: () => deadline.abort(),
    }
  }
}
