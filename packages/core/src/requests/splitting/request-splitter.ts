import type { errorOfAttempts } from '../../errors/with-outcome.ts'
import type { capabilities } from '../../protocol/capabilities.ts'
import type { AnyOperation, RequestOf, ResponseOf } from '../../protocol/operation.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { SendOptions, Transport } from '../../transport/transport.ts'
import { isWithin, type RequestLimits } from './request-limits.ts'
import { sendInParts } from './send-in-parts.ts'

/**
 * What the splitter shares with what is loaded already. Were it to import them, bundlers would put them into a file of
 * their own, which costs every page more than it saves.
 */
export interface SplitterParts {
  readonly next: Transport['send']
  readonly runtime: Runtime
  readonly capabilities: typeof capabilities
  readonly errorOfAttempts: typeof errorOfAttempts
  /** Whether a server refused the request as too large, and all of it may be sent in parts now. */
  readonly isTooLarge: (error: unknown, operation: AnyOperation, request: unknown) => boolean
}

/** What is sent without asking the server for its limits first. */
const safeLimits: RequestLimits = { maxPartitions: 1000, maxBodyBytes: 1024 * 1024 }

/** Of servers that do not tell theirs. */
const defaultLimits: RequestLimits = { maxPartitions: 1000, maxBodyBytes: 8 * 1024 * 1024 }

/** Nothing that can be divided is within these. */
const leastLimits: RequestLimits = { maxPartitions: 1, maxBodyBytes: 1 }

/** Sends requests as they are or in parts, by the limits that the server tells when it is first asked for them. */
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
      // A server may take less than is safe to assume, or than it did before it was restarted.
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

  /** What the server tells is kept; without an answer the next request asks again. */
  async #ask({ signal }: SendOptions): Promise<RequestLimits> {
    try {
      const { limits = defaultLimits } = await this.#shared.next(this.#shared.capabilities, {}, { signal })
      this.#limits = limits
      return limits
    } catch {
      // Whatever is wrong, the request itself will tell.
      return this.#limits ?? defaultLimits
    }
  }
}
