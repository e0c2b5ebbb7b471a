import { readdir, readlink } from 'node:fs/promises'
import { join, sep } from 'node:path'
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

/**
 * What this process holds when everything that can be collected has been.
 *
 * @param folder the engine's: how many files of it are open follows from how much is in it
 */
export async function heldByProcess(folder: string) {
  for (let round = 0; round < 3; round++) {
    await turn()
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return {
    'heap in MB': heapUsed / 1e6,
    'memory outside the heap in MB': external / 1e6,
    ...(await openDescriptors(folder)),
  }
}

async function openDescriptors(folder: string) {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const paths = await Promise.all(names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')))
  // A file that was removed and is still open is nobody's any more.
  const own = paths.filter((path) => path.startsWith(folder + sep) && !path.endsWith(' (deleted)')).length
  return { descriptors: paths.length - own, 'files of the engine': own }
}
