import {
  type AnyOperation,
  DisconnectedError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'

/** A transport that is made by its first request, so that a bundle or process which never uses it never loads it. */
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
