import {
  type AnyOperation,
  DisconnectedError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'
import { checkRequest, errorOfCode } from '@kafkado/core/internal'
import { Call } from './cluster/call.ts'
import { Cluster } from './cluster/cluster.ts'
import { handlers } from './operations/every-handler.ts'
import type { WireSettings } from './settings/wire-options.ts'

/**
 * A cluster of Apache Kafka brokers as a Transport. Its only state is connections and known leaders, so any number of
 * transports may share a cluster.
 */
export class WireTransport implements Transport, AsyncDisposable {
  readonly #settings: WireSettings
  readonly #cluster: Cluster
  readonly #closing = new AbortController()

  /** @internal use `wire()` */
  constructor(settings: WireSettings) {
    this.#settings = settings
    this.#cluster = new Cluster(settings, this.#closing.signal)
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    { signal, timeoutMs = Number.POSITIVE_INFINITY }: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    if (this.#closing.signal.aborted)
      throw new DisconnectedError('the client is closed', { retriable: false, outcome: 'failed' })
    const handler = handlers.get(operation)
    if (!handler)
      throw errorOfCode('UNSUPPORTED_VERSION', { detail: `there is no operation ${operation.name} on Apache Kafka` })
    checkRequest(operation, request)
    const limitMs = Math.min(timeoutMs, this.#settings.timeoutMs) + operation.longPollMs(request)
    const call = new Call(operation.name, operation.repeatable(request), limitMs, this.#settings.runtime)
    const work = (): Promise<ResponseOf<O>> => handler(this.#cluster, request, call) as Promise<ResponseOf<O>>
    return call.run(work, signal, this.#closing.signal)
  }

  /** Closes all connections; running requests fail. You may call it more than once, and it always ends. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted)
      this.#closing.abort(new DisconnectedError('the client was closed before the answer came', { retriable: false }))
    await this.#cluster.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
