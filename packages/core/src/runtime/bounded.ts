import type { Clock } from './clock.ts'
import { orAborted } from './or-aborted.ts'

/** What ends work that takes too long. */
export interface Bounds {
  readonly clock: Clock
  /** Infinity, which is the default: it may take any time. */
  readonly timeoutMs?: number
  /** What it rejects with when the time is over; an AbortError by default. */
  readonly timedOut?: () => Error
  /** Each ends it with its reason: the caller's, that of what is being closed. */
  readonly signals: readonly (AbortSignal | undefined)[]
  /** Made here by default; given where others follow it as well. */
  readonly abort?: AbortController | undefined
}

/**
 * Carries out work that ends when its time is over or one of the signals aborts, whatever it does with the signal that
 * it gets. Of what has aborted before nothing is begun.
 */
export function bounded<T>(work: (signal: AbortSignal) => Promise<T>, bounds: Bounds): Promise<T> {
  return followingAll((signal) => orAborted(work(signal), signal), bounds)
}

/**
 * As {@link bounded}, for work that has to come to its own end: it goes by the signal that it gets, and what it comes
 * to counts. Unlike `AbortSignal.any`, nothing follows a signal for longer than the work takes.
 */
export async function followingAll<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, timeoutMs = Infinity, timedOut, signals, abort = new AbortController() }: Bounds,
): Promise<T> {
  const follow = ({ target }: Event): void => abort.abort((target as AbortSignal).reason)
  const timer = timeoutMs === Infinity ? undefined : clock.schedule(timeoutMs, () => abort.abort(timedOut?.()))
  try {
    for (const signal of signals) {
      signal?.throwIfAborted()
      signal?.addEventListener('abort', follow)
    }
    return await work(abort.signal)
  } finally {
    timer?.cancel()
    for (const signal of signals) signal?.removeEventListener('abort', follow)
  }
}
