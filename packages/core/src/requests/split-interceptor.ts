import { errorOfAttempts, InvalidRequestError, KafkaError, MessageTooLargeError } from '../errors/kafka-error.ts'
import type { FetchRequest, fetch } from '../protocol/01-fetch.ts'
import { capabilities } from '../protocol/capabilities.ts'
import type { AnyOperation, RequestOf, ResponseOf } from '../protocol/operation.ts'
import { type Runtime, systemRuntime } from '../runtime/runtime.ts'
import type { Interceptor } from '../transport/interceptor.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { fetchInParts } from './fetch-in-parts.ts'
import { isWithin, mergeResponses, type RequestLimits, type RequestPart, splitRequest } from './split-request.ts'

/** What is sent without asking the server for its limits first. */
const safeLimits: RequestLimits = { maxPartitions: 1000, maxBodyBytes: 1024 * 1024 }

/** Of servers that do not tell theirs. */
const defaultLimits: RequestLimits = { maxPartitions: 1000, maxBodyBytes: 8 * 1024 * 1024 }

/**
 * Sends a request that is larger than the server takes in parts, one after the other, and puts their answers together. The server is asked for
 * its limits when a request may be beyond them, or was refused as too large; so clients of a few partitions never ask. Retries belong inside:
 * they then repeat the part that failed. Where a part fails as a whole so does the request, and after a part that may have changed something
 * its outcome is `unknown`.
 */
export function splitInterceptor(runtime: Runtime = systemRuntime): Interceptor {
  return (next) => {
    const splitter = new Splitter(next, runtime)
    return (operation, request, options) =>
      operation.elements ? splitter.send(operation, request, options) : next(operation, request, options)
  }
}

class Splitter {
  readonly #next: Transport['send']
  readonly #runtime: Runtime
  #limits: RequestLimits | undefined

  constructor(next: Transport['send'], runtime: Runtime) {
    this.#next = next
    this.#runtime = runtime
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    if (isWithin(operation, request, this.#limits ?? safeLimits)) return this.#attempt(operation, request, options)
    const limits = this.#limits ?? (await this.#ask(options))
    const parts = isWithin(operation, request, limits) ? [] : splitRequest(operation, request, limits)
    return parts.length > 1 ? this.#sendParts(operation, parts, options) : this.#attempt(operation, request, options)
  }

  async #attempt<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions,
  ): Promise<ResponseOf<O>> {
    try {
      return await this.#next(operation, request, options)
    } catch (error) {
      // A server may take less than is safe to assume, or than it did before it was restarted.
      if (!isTooLarge(error) || isWithin(operation, request, leastLimits)) throw error
      const parts = splitRequest(operation, request, await this.#ask(options))
      if (parts.length === 1) throw error
      return this.#sendParts(operation, parts, options)
    }
  }

  async #sendParts<O extends AnyOperation>(
    operation: O,
    parts: readonly RequestPart<RequestOf<O>>[],
    options: SendOptions,
  ): Promise<ResponseOf<O>> {
    const responses =
      operation.records === 'response'
        ? ((await fetchInParts(
            parts.map(({ request }) => request as FetchRequest),
            (part, partOptions) => this.#attempt(operation as typeof fetch, part, partOptions),
            options,
          )) as ResponseOf<O>[])
        : await this.#inTurn(operation, parts, options)
    return mergeResponses(operation, parts, responses)
  }

  async #inTurn<O extends AnyOperation>(
    operation: O,
    parts: readonly RequestPart<RequestOf<O>>[],
    options: SendOptions,
  ): Promise<ResponseOf<O>[]> {
    const { clock } = this.#runtime
    const beganMs = clock.monotonic()
    const responses: ResponseOf<O>[] = []
    for (const { request } of parts) {
      const { timeoutMs } = options
      // The caller's time is for all of them.
      const leftMs = timeoutMs === undefined ? undefined : Math.max(beganMs + timeoutMs - clock.monotonic(), 1)
      try {
        responses.push(await this.#attempt(operation, request, { ...options, timeoutMs: leftMs }))
      } catch (error) {
        const isPartlyDone = responses.length > 0 && operation.elements?.isReadOnly === false
        const remark = ` (sent in ${parts.length} parts, of which ${responses.length} had been carried out)`
        throw errorOfAttempts(error, isPartlyDone, remark)
      }
    }
    return responses
  }

  /** What the server tells is kept; without an answer the next request asks again. */
  async #ask({ signal }: SendOptions): Promise<RequestLimits> {
    try {
      const { limits = defaultLimits } = await this.#next(capabilities, {}, { signal })
      this.#limits = limits
      return limits
    } catch {
      // Whatever is wrong, the request itself will tell.
      return this.#limits ?? defaultLimits
    }
  }
}

const leastLimits: RequestLimits = { maxPartitions: 1, maxBodyBytes: 1 }

function isTooLarge(error: unknown): boolean {
  return (
    KafkaError.is(error) &&
    error.outcome === 'failed' &&
    (InvalidRequestError.is(error) || MessageTooLargeError.is(error))
  )
}
