import { existsSync, readdirSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const descriptors = '/proc/self/fd'
/** What many requests may leave: compiled code, buffers that Node keeps for the next sockets. */
const mostBytesMore = 32 * 1024 * 1024
/** A closed socket takes a few turns of the event loop to go. */
const returnsWithinMs = 30_000

interface Holdings {
  readonly sockets: number
  readonly descriptors: number
  readonly bytes: number
}

/** What the process holds, before an attack and after it. */
export class Watchdog {
  readonly #before = Watchdog.#holdings()

  static #holdings(): Holdings {
    collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    return {
      sockets: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
      descriptors: existsSync(descriptors) ? readdirSync(descriptors).length : 0,
      bytes: heapUsed + external,
    }
  }

  /** Resolves when sockets, descriptors and memory are as before. */
  async requireReturned(): Promise<void> {
    const endMs = performance.now() + returnsWithinMs
    for (;;) {
      const now = Watchdog.#holdings()
      const before = this.#before
      if (
        now.sockets <= before.sockets &&
        now.descriptors <= before.descriptors &&
        now.bytes <= before.bytes + mostBytesMore
      )
        return
      if (performance.now() > endMs)
        throw new Error(`held after an attack: ${JSON.stringify(now)}, before it: ${JSON.stringify(before)}`)
      await turn()
    }
  }
}
