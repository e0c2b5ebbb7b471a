import type { AnyOperation, RequestOf, ResponseOf, SendOptions, Transport } from '@kafkado/core'
import type { FromWorker, ToWorker } from './member-messages.ts'
import { errorOf } from './thrown.ts'

interface Waiting {
  readonly resolve: (response: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * Sends requests through the transport of another thread, so that an engine in memory or on disk serves workers too.
 */
export class PortTransport implements Transport {
  readonly #post: (message: FromWorker) => void
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1

  constructor(post: (message: FromWorker) => void) {
    this.#post = post
  }

  send<O extends AnyOperation>(operation: O, request: RequestOf<O>, options: SendOptions = {}): Promise<ResponseOf<O>> {
    const { signal, timeoutMs } = options
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    const id = this.#nextId++
    return new Promise<ResponseOf<O>>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(id)
        this.#post({ type: 'cancel', id })
        reject(signal?.reason as Error)
      }
      const done = (): void => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.set(id, {
        resolve: (response) => {
          done()
          resolve(response as ResponseOf<O>)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      })
      this.#post({ type: 'send', id, operation: operation.name, request, timeoutMs })
    })
  }

  /** The other thread closes the transport. */
  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Call it with messages from the other thread. */
  receive(message: ToWorker): void {
    if (message.type !== 'response' && message.type !== 'error') return
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.type === 'response') waiting?.resolve(message.response)
    else waiting?.reject(errorOf(message.error))
  }
}
