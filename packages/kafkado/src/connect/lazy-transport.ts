import {
  type AnyOperation,
  DisconnectedError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'

/** Makes its transport with the first request. A bundle or process that never uses the transport never loads it. */
export class LazyTransport implements Transport {
  readonly #load: () => Promise<Transport>
  #loading: Promise<Transport> | undefined
  #isClosed = false

  constructor(load: () => Promise<Transport>) {
    this.#load = load
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options?: SendOptions,
  ): Promise<ResponseOf<O>> {
    if (this.#isClosed) throw new DisconnectedError('the client is closed', { retriable: false, outcome: 'failed' })
    this.#loading ??= this.#load()
    const transport = await this.#loading
    return transport.send(operation, request, options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const transport = await this.#loading?.catch(() => undefined)
    await transport?.close()
  }
}
