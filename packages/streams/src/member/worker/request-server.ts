import type { AnyOperation, Transport } from '@kafkado/core'
import { allOperations, thrownMessageOf } from '@kafkado/core/internal'
import type { FromWorker, ToWorker } from './member-messages.ts'

const operations = new Map<string, AnyOperation>(allOperations.map((operation) => [operation.name, operation]))

/** Carries out a worker's requests with the transport of this thread. */
export class RequestServer {
  readonly #transport: Transport
  readonly #post: (message: ToWorker) => void
  readonly #running = new Map<number, AbortController>()

  constructor(transport: Transport, post: (message: ToWorker) => void) {
    this.#transport = transport
    this.#post = post
  }

  receive(message: FromWorker): void {
    if (message.type === 'cancel') this.#running.get(message.id)?.abort(new Error('the worker gave it up'))
    else if (message.type === 'send') void this.#send(message)
  }

  /** Cancels the requests under way, because the worker has ended. */
  stop(): void {
    for (const running of this.#running.values()) running.abort(new Error('the worker has ended'))
  }

  async #send({ id, operation, request, timeoutMs }: FromWorker & { type: 'send' }): Promise<void> {
    const running = new AbortController()
    this.#running.set(id, running)
    try {
      const known = operations.get(operation)
      if (!known) throw new Error(`there is no operation '${operation}'`)
      const options = timeoutMs === undefined ? {} : { timeoutMs }
      const response = await this.#transport.send(known, request, { signal: running.signal, ...options })
      this.#post({ type: 'response', id, response })
    } catch (error) {
      this.#post({ type: 'error', id, error: thrownMessageOf(error) })
    } finally {
      this.#running.delete(id)
    }
  }
}
