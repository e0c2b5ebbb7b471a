import { orAborted } from './or-aborted.ts'

/**
 * Resolves when the work has ended, whichever way, or the signal aborts: for what must not hold up what comes after it.
 */
export function settledWithin(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const goOn = (): void => undefined
  return orAborted(work, signal).then(goOn, goOn)
}
