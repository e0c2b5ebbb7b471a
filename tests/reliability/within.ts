import { systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'

/**
 * What the promise comes to, in real time.
 *
 * @throws when it has come to nothing within that time: what stands still has to be told, and not waited for
 */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  const over = new AbortController()
  const late = sleep(systemClock, limitMs, over.signal).then(() => {
    throw new Error(`${what} did not end within ${limitMs / 1000} s`)
  })
  // It is rejected when the promise was in time, and nobody waits for it then.
  late.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    over.abort(new Error('in time'))
  }
}
