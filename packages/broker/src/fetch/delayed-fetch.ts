import type { Runtime } from '@kafkado/core'
import type { PartitionLog } from '../log/partition-log.ts'

/** Fetches that wait for records. An append wakes them; a timer only ends them. */
export class DelayedFetches {
  readonly #runtime: Runtime
  readonly #waiting = new Set<(reason: unknown) => void>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /**
   * Resolves when `wantedBytes` were appended to the logs together, one of them was deleted, or the time is over.
   *
   * @throws the signal's reason when it aborts, or the reason of `close`
   */
  wait(
    logs: readonly PartitionLog[],
    wantedBytes: number,
    maxWaitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    return new Promise((resolve, reject) => {
      let missingBytes = wantedBytes
      const listener = (addedBytes: number): void => {
        missingBytes -= addedBytes
        if (missingBytes <= 0 || addedBytes === 0) end(resolve)
      }
      const refuse = (reason: unknown): void => end(() => reject(reason as Error))
      const onAbort = (): void => refuse(signal?.reason)
      const timer = this.#runtime.clock.schedule(maxWaitMs, () => end(resolve), 'recurring')
      const end = (settle: () => void): void => {
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(refuse)
        for (const log of logs) log.unlisten(listener)
        settle()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(refuse)
      for (const log of logs) log.listen(listener)
    })
  }

  close(reason: unknown): void {
    for (const refuse of this.#waiting) refuse(reason)
  }
}
