import { orAborted } from './or-aborted.ts'

/**
 * Resolves when the work has ended in any way, or when the signal aborts. Use it for work that must not hold up the
 * next step.
 */
export function settledWithin(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const goOn = (): void => undefined
  return orAborted(work, signal).then(goOn, goOn)
}
