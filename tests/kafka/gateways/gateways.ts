import { seededRandom } from '@kafkado/core'
import { freePorts } from '../../../scripts/kafka/free-ports.ts'
import { Gateway } from './gateway.ts'
import { Sprayer } from './sprayer.ts'

/** Three gateways over one cluster, of which one after the other is killed and comes back. */
export class Gateways {
  readonly sprayer: Sprayer
  kills = 0
  readonly #gateways: readonly Gateway[]
  readonly #random: { next(): number }
  /** Those that do not listen yet, or never will. */
  readonly #starting = new Set<Promise<void>>()

  /**
   * @param seed which gateway a request goes to, and which is killed; what happens at the same time is not told by it
   */
  private constructor(bootstrapServers: string, ports: readonly number[], seed: number) {
    this.#gateways = ports.map((port) => new Gateway(bootstrapServers, port))
    this.#random = seededRandom(seed)
    this.sprayer = new Sprayer(
      this.#gateways.map(({ url }) => url),
      seededRandom(seed + 1),
    )
  }

  /** Resolves when all of them listen. */
  static async start(bootstrapServers: string, seed: number): Promise<Gateways> {
    const gateways = new Gateways(bootstrapServers, await freePorts(3), seed)
    try {
      for (const gateway of gateways.#gateways) gateways.#start(gateway)
      await gateways.allUp()
      return gateways
    } catch (error) {
      await gateways.close()
      throw error
    }
  }

  /**
   * Kills any that is up, by kill -9, and starts it again without waiting for it. One is always left: without any there
   * would be nobody to ask, which is not what several gateways are for.
   */
  async killOne(): Promise<void> {
    while (this.#up.length < 2) await Promise.race(this.#starting)
    const up = this.#up
    const victim = up[Math.floor(this.#random.next() * up.length)] as Gateway
    await victim.kill()
    this.kills++
    this.#start(victim)
  }

  /** Resolves when all listen. @throws what kept one from starting */
  async allUp(): Promise<void> {
    await Promise.all(this.#starting)
  }

  async close(): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.kill()))
    await Promise.allSettled(this.#starting)
  }

  get #up(): Gateway[] {
    return this.#gateways.filter(({ isUp }) => isUp)
  }

  #start(gateway: Gateway): void {
    const starting = gateway.start().then(() => {
      this.#starting.delete(starting)
    })
    // A failure is told to whoever waits for it.
    starting.catch(() => undefined)
    this.#starting.add(starting)
  }
}
