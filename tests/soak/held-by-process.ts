import { readdir } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'

/** Nothing is kept for longer than a few samples, so that only what is kept by mistake adds up. */
export const shortLived = {
  cleanupInterval: '2s',
  producerIdExpiration: '20s',
  transactionalIdExpiration: '20s',
  sessionTimeout: '10s',
} as const

/** The same for the records of a topic. */
export const shortRetention = { name: 'retention.ms', value: '20000' } as const

/** What this process holds when everything that can be collected has been. */
export async function heldByProcess() {
  for (let round = 0; round < 3; round++) {
    await turn()
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return {
    'heap in MB': heapUsed / 1e6,
    'memory outside the heap in MB': external / 1e6,
    descriptors: (await readdir('/proc/self/fd').catch(() => [])).length,
  }
}
