import type { Clock, Fetch, Random } from '@kafkado/core'

/** How likely each fault of the network is, from 0 to 1. */
export interface NetworkFaults {
  /** The request is lost, and the client sees its connection break. */
  readonly lostRequest: number
  /** The request is carried out, and its answer is lost. */
  readonly lostAnswer: number
  /** The client sees its connection break at once, and the request arrives later. */
  readonly late: number
  /** Nobody answers: the request may arrive or not, and the client waits until its own timeout. */
  readonly silent: number
  /** A proxy sends the request once more, when it has been answered. */
  readonly copied: number
  /** The answer ends in the middle. */
  readonly truncated: number
  /** A proxy answers by itself, whether the request went on or not. */
  readonly proxyError: number
  readonly longestDelayMs: number
}

/** A network between a client and a handler of requests, on which things go wrong beneath whatever the client does about it. */
export class FaultyNetwork {
  readonly #handler: (request: Request) => Promise<Response>
  readonly #clock: Clock
  readonly #random: Random
  readonly #underWay = new Set<Promise<unknown>>()
  /** What goes wrong from now on; undefined for nothing. */
  faults: NetworkFaults | undefined
  happened = 0

  constructor(handler: (request: Request) => Promise<Response>, clock: Clock, random: Random) {
    this.#handler = handler
    this.#clock = clock
    this.#random = random
  }

  /** Resolves when nothing is being carried out. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  readonly fetch: Fetch = async (url, init) => {
    const arrive = (): Promise<Response> => this.#arrive(url as string, init as RequestInit)
    const { faults } = this
    if (!faults) return arrive()
    const isNext = this.#chances()
    const broken = new TypeError('the connection broke')
    if (isNext(faults.lostRequest)) throw this.#count(broken)
    if (isNext(faults.lostAnswer)) {
      await arrive()
      throw this.#count(broken)
    }
    if (isNext(faults.late)) {
      this.#later(arrive)
      throw this.#count(broken)
    }
    if (isNext(faults.silent)) {
      this.happened++
      if (this.#random.next() < 0.5) this.#later(arrive)
      return aborted(init?.signal as AbortSignal)
    }
    if (isNext(faults.proxyError)) {
      this.happened++
      if (this.#random.next() < 0.5) this.#later(arrive)
      const status = [408, 429, 500, 502, 503, 504][Math.floor(this.#random.next() * 6)] as number
      return new Response('<html>', { status: status === 429 ? 503 : status })
    }
    const answer = await arrive()
    if (isNext(faults.copied)) {
      this.happened++
      this.#later(arrive)
    }
    if (!isNext(faults.truncated)) return answer
    this.happened++
    const body = new Uint8Array(await answer.arrayBuffer())
    return new Response(body.subarray(0, Math.floor(this.#random.next() * body.length)), answer)
  }

  #count<T>(error: T): T {
    this.happened++
    return error
  }

  /** One draw decides which fault it is. */
  #chances(): (rate: number) => boolean {
    let draw = this.#random.next()
    return (rate) => {
      draw -= rate
      return draw < 0 && draw + rate >= 0
    }
  }

  #later(act: () => Promise<unknown>): void {
    this.#clock.schedule(this.#random.next() * (this.faults?.longestDelayMs ?? 0), () => void act())
  }

  /** What the client does with its signal does not stop what is on its way. */
  #arrive(url: string, init: RequestInit): Promise<Response> {
    const answering = this.#handler(new Request(url, { ...init, signal: null }))
    this.#underWay.add(answering)
    return answering.finally(() => this.#underWay.delete(answering))
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}
