import { checkRequest, checkResponse, createHttpClient, unreachable } from '#http-client'
import { LongLivedAbortController } from '#long-lived-abort'
import { toMilliseconds } from '../config/duration.ts'
import { parseConfig } from '../config/parse-config.ts'
import {
  DisconnectedError,
  InvalidRequestError,
  KafkaError,
  TimeoutError,
  UnauthorizedError,
} from '../errors/kafka-error.ts'
import { messageOf } from '../errors/message-of.ts'
import { errorOfProblem, errorOfStatus, isWait, problemContentType, problemOf } from './problem.ts'
import type { AnyOperation, RequestOf, ResponseOf } from '../protocol/operation.ts'
import { bounded, followingAll } from '../runtime/bounded.ts'
import { type Runtime, systemRuntime } from '../runtime/runtime.ts'
import { httpConfig, type HttpTransportOptions } from './http-config.ts'
import { fetchHttpClient, type HttpClient, type HttpResponse } from './http-client.ts'
import { batchesContentType, decodeFrame, encodeFrame } from './http-frames.ts'
import { Throttle } from './throttle.ts'
import { splitInterceptor } from '../requests/splitting/split-interceptor.ts'
import { intercept, type Interceptor } from '../transport/interceptor.ts'
import { sendingAgain } from '../retry/retry-interceptor.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { concatenate } from '../batch/format/concatenate.ts'

/**
 * A Transport to a kafkado server. Node uses undici, every other runtime its `fetch`.
 *
 * @throws InvalidRequestError when an option is not valid
 */
export function http(options: HttpTransportOptions | string): Transport {
  const given = parseConfig('http', httpConfig, typeof options === 'string' ? { url: options } : options)
  return intercept(
    new HttpTransport(given),
    checkInterceptor,
    splitInterceptor(given.runtime),
    sendingAgain(given.retries ?? 3, {}, given.runtime ?? systemRuntime),
  )
}

const checkInterceptor: Interceptor = (next) => async (operation, request, options) => {
  checkRequest(operation, request)
  return next(operation, request, options)
}

const decoder = new TextDecoder()

class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions
  readonly #runtime: Runtime
  readonly #client: HttpClient
  readonly #baseUrl: string
  readonly #timeoutMs: number
  readonly #closing = new LongLivedAbortController()
  readonly #throttle: Throttle
  /** A client that was answered once may call the server. */
  #wasAnswered = false

  constructor(options: HttpTransportOptions) {
    this.#options = options
    this.#runtime = options.runtime ?? systemRuntime
    this.#throttle = new Throttle(this.#runtime.clock)
    this.#baseUrl = options.url.replace(/\/+$/, '')
    this.#timeoutMs = toMilliseconds(options.timeout ?? '30s', 'timeout')
    this.#client = options.fetch ? fetchHttpClient(options.fetch) : createHttpClient()
  }

  /** Sends the request and waits for the first of: the answer, the timeout, the caller's signal, `close()`. */
  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    if (this.#closing.signal.aborted)
      throw new DisconnectedError('the client is closed', { retriable: false, outcome: 'failed' })
    const body = bodyOf(operation, request)
    const url = this.#baseUrl + operation.path
    const { signal, timeoutMs: ownMs = Number.POSITIVE_INFINITY, keepalive } = options
    // A page that goes away has no time for a pause.
    const pausedMs =
      keepalive || !this.#throttle.holds(operation) ? 0 : await this.#pause(Math.min(ownMs, this.#timeoutMs), signal)
    const timeoutMs = Math.min(ownMs - pausedMs, this.#timeoutMs) + operation.longPollMs(request)
    let isSent = false
    const post = async (over: AbortSignal): Promise<HttpResponse> => {
      try {
        const headers = await this.#headers(operation)
        // The call may have ended while the key was fetched: then send nothing.
        over.throwIfAborted()
        isSent = true
        return await this.#client.post({ url, headers, body, signal: over, keepalive })
      } catch (error) {
        throw KafkaError.is(error) ? error : unreachable(this.#baseUrl, error, this.#wasAnswered)
      }
    }
    const response = await bounded(post, {
      clock: this.#runtime.clock,
      timeoutMs,
      timedOut: () => timedOut(url, timeoutMs, isSent),
      signals: [signal, this.#closing.signal],
    })
    this.#wasAnswered = true
    return this.#read(operation, url, response)
  }

  #pause(timeoutMs: number, signal: AbortSignal | undefined): Promise<number> {
    const { clock } = this.#runtime
    return followingAll((over) => this.#throttle.pass(timeoutMs, over), {
      clock,
      signals: [signal, this.#closing.signal],
    })
  }

  async close(): Promise<void> {
    this.#closing.abort(new DisconnectedError('the client was closed before the answer came', { retriable: false }))
    await this.#client.close()
  }

  async #headers(operation: AnyOperation): Promise<Record<string, string>> {
    const { apiKey, clientId, headers } = this.#options
    const key = typeof apiKey === 'function' ? await keyOf(apiKey) : apiKey
    if (!key && new URL(this.#baseUrl).hostname === 'kafka.do') {
      throw new UnauthorizedError(
        'https://kafka.do needs an API key: set KAFKA_DO_API_KEY or pass apiKey. Without an account use a folder: ' +
          'file:./data',
      )
    }
    return {
      ...headers,
      'content-type': operation.records === 'request' ? batchesContentType : 'application/json',
      accept:
        operation.records === 'response'
          ? `${batchesContentType}, ${problemContentType}`
          : `application/json, ${problemContentType}`,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(clientId ? { 'x-client-id': clientId } : {}),
    }
  }

  #read<O extends AnyOperation>(operation: O, url: string, response: HttpResponse): ResponseOf<O> {
    const contentType = response.header('content-type') ?? ''
    if (response.status !== 200) throw problemIn(response, contentType, url)
    const isFrame = contentType.startsWith(batchesContentType)
    const answer = isFrame ? parseFrame(response.body) : parseJson(response.body)
    if (answer === undefined && (isFrame || contentType.startsWith('application/json'))) throw cutOff(url)
    const checked = checkResponse(operation, answer)
    this.#throttle.heard(checked)
    if (checked !== undefined) return checked as ResponseOf<O>
    throw new KafkaError(`${url} did not answer with a ${operation.name} response; is this a kafkado server?`, {
      code: 'INVALID_RESPONSE',
      outcome: 'unknown',
    })
  }
}

/**
 * @throws InvalidRequestError when the request cannot be written: JSON has no form for a value, or a frame lacks its
 *   lists. In a page nothing else checks this.
 */
function bodyOf(operation: AnyOperation, request: unknown): Uint8Array | string {
  try {
    return operation.records === 'request' ? concatenate(encodeFrame(request as object)) : JSON.stringify(request)
  } catch (cause) {
    throw new InvalidRequestError(`the ${operation.name} request is not valid: ${(cause as Error).message}`, { cause })
  }
}

/** @throws UnauthorizedError when the function fails; it is retriable */
async function keyOf(apiKey: () => string | Promise<string>): Promise<string> {
  try {
    return await apiKey()
  } catch (cause) {
    const because = messageOf(cause)
    throw new UnauthorizedError(`the function apiKey failed: ${because}`, { cause, retriable: true })
  }
}

function timedOut(url: string, timeoutMs: number, isSent: boolean): TimeoutError {
  return isSent
    ? new TimeoutError(`no answer from ${url} within ${timeoutMs} ms; it may have been carried out`)
    : new TimeoutError(`no key for ${url} within ${timeoutMs} ms from the function apiKey`, {
        outcome: 'failed',
      })
}

/** The answer begins as one of ours, so a proxy or the connection has lost the rest. */
function cutOff(url: string): KafkaError {
  return new KafkaError(`the answer of ${url} is cut off or damaged`, {
    code: 'INVALID_RESPONSE',
    retriable: true,
    outcome: 'unknown',
  })
}

function problemIn(response: HttpResponse, contentType: string, url: string): KafkaError {
  const problem = contentType.startsWith(problemContentType) ? problemOf(parseJson(response.body)) : undefined
  if (problem) return errorOfProblem(problem)
  const retryAfterMs = Number(response.header('retry-after') ?? Number.NaN) * 1000
  return errorOfStatus(response.status, url, isWait(retryAfterMs) ? retryAfterMs : undefined)
}

function parseFrame(body: Uint8Array): unknown {
  try {
    return decodeFrame(body)
  } catch {
    return undefined
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    return undefined
  }
}
