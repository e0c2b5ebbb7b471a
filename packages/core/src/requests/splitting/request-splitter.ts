import type { errorOfAttempts } from '../../errors/with-outcome.ts'
import type { capabilities } from '../../protocol/capabilities.ts'
import type { AnyOperation, RequestOf, ResponseOf } from '../../protocol/operation.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { SendOptions, Transport } from '../../transport/transport.ts'
import { isWithin, type RequestLimits } from './request-limits.ts'
import { sendInParts } from './send-in-parts.ts'

/**
 * Code that the splitter shares with parts that are loaded earlier. If it imported them, bundlers would make a separate
 * file for them, which costs every page more than it saves.
 */
export interface SplitterParts {
  readonly next: Transport['send']
  readonly runtime: Runtime
  readonly capabilities: typeof capabilities
  readonly errorOfAttempts: typeof errorOfAttempts
  /** Whether a server refused the request as too large, and all of it may now be sent in parts. */
  readonly isTooLarge: (error: unknown, operation: AnyOperation, request: unknown) => boolean
}

/** Requests within these limits are sent without asking the server first. */
const safeLimits: RequestLimits = { maxPartitions: 1000, maxBodyBytes: 1024 * 1024 }

/** The limits of a server that does not state any. */
const defaultLimits: RequestLimits = { maxPartitions: 1000, maxBodyBytes: 8 * 1024 * 1024 }

/** No request that can be divided is within these. */
const leastLimits: RequestLimits = { maxPartitions: 1, maxBodyBytes: 1 }

/** Sends requests whole or in parts, by the server's limits, which it asks for at the first need. */
export class RequestSplitter {
  readonly #shared: SplitterParts
  #limits: RequestLimits | undefined

  constructor(shared: SplitterParts) {
    this.#shared = shared
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    if (!isWithin(operation, request, this.#limits ?? safeLimits)) {
      const limits = this.#limits ?? (await this.#ask(options))
      const answer = isWithin(operation, request, limits)
        ? undefined
        : await this.#inParts(limits, operation, request, options)
      if (answer !== undefined) return answer
    }
    return this.#attempt(operation, request, options)
  }

  async #attempt<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions,
  ): Promise<ResponseOf<O>> {
    try {
      return await this.#shared.next(operation, request, options)
    } catch (error) {
      // A server may allow less than the safe limits, or less than before its restart.
      if (!this.#shared.isTooLarge(error, operation, request) || isWithin(operation, request, leastLimits)) throw error
      const answer = await this.#inParts(await this.#ask(options), operation, request, options)
      if (answer === undefined) throw error
      return answer
    }
  }

  async #inParts<O extends AnyOperation>(
    limits: RequestLimits,
    operation: O,
    request: RequestOf<O>,
    options: SendOptions,
  ): Promise<ResponseOf<O> | undefined> {
    const send: Transport['send'] = (part, partRequest, partOptions = {}) =>
      this.#attempt(part, partRequest, partOptions)
    const { runtime, errorOfAttempts: errorOf } = this.#shared
    return sendInParts({ send, clock: runtime.clock, errorOf }, limits, operation, request, options)
  }

  /** Keeps the server's limits. Without an answer, the next request asks again. */
  async #ask({ signal }: SendOptions): Promise<RequestLimits> {
    try {
      const { limits = defaultLimits } = await this.#shared.next(this.#shared.capabilities, {}, { signal })
      this.#limits = limits
      return limits
    } catch {
      // If something is wrong, the request itself will report it.
      return this.#limits ?? defaultLimits
    }
  }
}
