import { type Clock, DisconnectedError, type Interceptor, intercept, TimeoutError, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'

/** An operation, and what of it: its name and its request. */
export type Which = (operation: string, request: Record<string, unknown>) => boolean

/** Requests of these operations. */
export function named(...names: readonly string[]): Which {
  return (operation) => names.includes(operation)
}

interface Held {
  readonly isHeld: Which
  reached(): void
  readonly released: Promise<void>
}

/**
 * The way from one client to the server: requests of it can be left without an answer, fail, or wait until the test
 * lets them go on.
 */
export class UnreliableLink {
  readonly transport: Transport
  /** The names and requests so far, those without an answer included. */
  readonly requests: { readonly operation: string; readonly request: Record<string, unknown> }[] = []
  /** Called for each request before it is sent. */
  onRequest: (() => void) | undefined
  readonly #clock: Clock
  #isSilent: Which = () => false
  #isFailing: Which = () => false
  readonly #held = new Set<Held>()

  /** @param clock by which whoever asks gives up */
  constructor(transport: Transport, clock: Clock) {
    this.#clock = clock
    this.transport = intercept(transport, this.#interceptor)
  }

  /** From now on these requests do not arrive, and nobody answers until whoever asked gives up. */
  silence(isSilent: Which): void {
    this.#isSilent = isSilent
  }

  /** From now on these requests fail at once, as at a server that is not there. */
  fail(isFailing: Which): void {
    this.#isFailing = isFailing
  }

  /** Everything arrives again. */
  restore(): void {
    this.silence(() => false)
    this.fail(() => false)
  }

  /** The next of these requests waits until it is released. `reached` resolves when it waits. */
  holdNext(isHeld: Which): { readonly reached: Promise<void>; release(): void } {
    let [reached, release] = [(): void => undefined, (): void => undefined]
    const whenReached = new Promise<void>((resolve) => (reached = resolve))
    const released = new Promise<void>((resolve) => (release = resolve))
    this.#held.add({ isHeld, reached, released })
    return { reached: whenReached, release: () => release() }
  }

  readonly #interceptor: Interceptor = (next) => async (operation, request, options) => {
    const what = request as Record<string, unknown>
    this.requests.push({ operation: operation.name, request: what })
    this.onRequest?.()
    if (this.#isSilent(operation.name, what)) {
      await sleep(this.#clock, options?.timeoutMs ?? 30_000, options?.signal)
      throw new TimeoutError('no answer came')
    }
    if (this.#isFailing(operation.name, what)) throw new DisconnectedError('no server is there', { outcome: 'failed' })
    const held = [...this.#held].find(({ isHeld }) => isHeld(operation.name, what))
    if (held) {
      this.#held.delete(held)
      held.reached()
      await held.released
    }
    return next(operation, request, options)
  }
}
