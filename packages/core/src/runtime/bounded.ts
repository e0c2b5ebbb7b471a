import type { Clock } from './clock.ts'
import { orAborted } from './or-aborted.ts'

/** What ends work that takes too long. */
export interface Bounds {
  readonly clock: Clock
  readonly timeoutMs: number
  /** What it rejects with when the time is over. */
  readonly timedOut: () => Error
  /** Each ends it with its reason: the caller's, that of what is being closed. */
  readonly signals: readonly (AbortSignal | undefined)[]
  /** Made here by default; given where others follow it as well. */
  readonly abort?: AbortController | undefined
}

/**
 * Carries out work that ends when its time is over or one of the signals aborts, whatever it does with the signal that
 * it gets. Of what has aborted before nothing is begun.
 */
export async function bounded<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, timeoutMs, timedOut, signals, abort = new AbortController() }: Bounds,
): Promise<T> {
  const follow = ({ target }: Event): void => abort.abort((target as AbortSignal).reason)
  const timer = clock.schedule(timeoutMs, () => abort.abort(timedOut()))
  try {
    for (const signal of signals) {
      signal?.throwIfAborted()
      signal?.addEventListener('abort', follow)
    }
    return await orAborted(work(abort.signal), abort.signal)
  } finally {
    timer.cancel()
    for (const signal of signals) signal?.removeEventListener('abort', follow)
  }
}
