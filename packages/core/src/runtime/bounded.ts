import type { Clock } from './clock.ts'
import { orAborted } from './or-aborted.ts'

/** Limits for work that may take too long. */
export interface Bounds {
  readonly clock: Clock
  /** Default Infinity: the work may take any time. */
  readonly timeoutMs?: number
  /** The error when the time is over; an AbortError by default. */
  readonly timedOut?: () => Error
  /** Each signal ends the work with its reason: the caller's, or that of a client being closed. */
  readonly signals: readonly (AbortSignal | undefined)[]
  /** Made by default; pass one if other work follows it too. */
  readonly abort?: AbortController | undefined
}

/**
 * Runs work until it ends, its time is over or a signal aborts, whatever the work does with its own signal. If a signal
 * has already aborted, the work does not begin.
 */
export function bounded<T>(work: (signal: AbortSignal) => Promise<T>, bounds: Bounds): Promise<T> {
  return followingAll((signal) => orAborted(work(signal), signal), bounds)
}

/**
 * As {@link bounded}, for work that has to reach its own end: it gets the signal, and its own result counts. Unlike
 * `AbortSignal.any`, it stops following the signals when the work ends.
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
