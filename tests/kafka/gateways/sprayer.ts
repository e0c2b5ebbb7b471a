import { http, type Transport } from '@kafkado/core'

/** What went over it, and how requests failed that no gateway answered. */
export interface SprayCounts {
  requests: number
  /** Nobody listened, so nothing was carried out. */
  refused: number
  /** How often, by path, the gateway died under the request, which may have been carried out. */
  readonly cut: Map<string, number>
}

/**
 * A load balancer that knows nothing of the gateways behind it: each request goes to any of them, be it dead, and fails
 * as it does there. What comes of it is left to the retries of the clients.
 */
export class Sprayer {
  readonly counts: SprayCounts = { requests: 0, refused: 0, cut: new Map() }
  readonly #urls: readonly string[]
  readonly #random: { next(): number }

  constructor(urls: readonly string[], random: { next(): number }) {
    this.#urls = urls
    this.#random = random
  }

  /** A transport of its own for each client, as clients in different places have. */
  transport(): Transport {
    return http({ url: 'http://gateways.test', fetch: (input, init) => this.#fetch(new URL(input).pathname, init) })
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const url = this.#urls[Math.floor(this.#random.next() * this.#urls.length)]
    this.counts.requests++
    try {
      const response = await fetch(`${url}${path}`, init)
      // Read here, because a gateway may die in the middle of its answer as well.
      return new Response(await response.arrayBuffer(), response)
    } catch (error) {
      if (!init.signal?.aborted) this.#count(path, error)
      throw error
    }
  }

  #count(path: string, error: unknown): void {
    const { code } = ((error as Error).cause ?? {}) as { code?: string }
    const { cut } = this.counts
    if (code === 'ECONNREFUSED') this.counts.refused++
    else cut.set(path, (cut.get(path) ?? 0) + 1)
  }
}
