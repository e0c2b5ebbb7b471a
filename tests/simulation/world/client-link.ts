import {
  type AnyOperation,
  DisconnectedError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  TimeoutError,
  type Transport,
} from '@kafkado/core'
import { Faults, type OperationName } from '@kafkado/testing'
import { carryRequest } from './carry-request.ts'
import { errorOf, type Fault } from './faults.ts'
import type { NetworkWay } from './network-way.ts'
import { refused, type Server } from './server.ts'

type Settle = (settle: () => void) => void

/**
 * The embedded transport as if a network lay between: everything that it carries out may be lost, late, doubled or
 * refused on the way.
 */
export class ClientLink implements Transport {
  readonly #server: Server
  readonly #way: NetworkWay
  readonly #timeoutMs: number
  #isClosed = false

  constructor(server: Server, way: NetworkWay, timeoutMs: number) {
    this.#server = server
    this.#way = way
    this.#timeoutMs = timeoutMs
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    { signal, timeoutMs = Number.POSITIVE_INFINITY }: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new DisconnectedError('the client is closed', { retriable: false, outcome: 'failed' })
    const { clock } = this.#way
    return new Promise((resolve, reject) => {
      let isOver = false
      const settle: Settle = (act) => {
        if (isOver) return
        isOver = true
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        act()
      }
      const limitMs = Math.min(timeoutMs, this.#timeoutMs) + operation.longPollMs(request)
      const timer = clock.schedule(limitMs, () =>
        settle(() => reject(new TimeoutError(`no answer to ${operation.name} within ${limitMs} ms`))),
      )
      const onAbort = (): void => settle(() => reject(signal?.reason as Error))
      signal?.addEventListener('abort', onAbort)
      const answer = (response: ResponseOf<O>): void => settle(() => resolve(response))
      const fail = (error: unknown): void => settle(() => reject(error as Error))
      carryRequest(this.#way, this.#way.fault(operation.name), {
        arrive: () => this.#server.receive(operation, request, signal),
        answer,
        fail,
        refusal: refused,
        breakage: () => new DisconnectedError(`${operation.name}: the connection broke`),
        failure: (error) => error,
        refuse: (fault) => this.#refuse(fault, operation, request, answer, fail),
      })
    })
  }

  #refuse<O extends AnyOperation>(
    fault: Fault,
    operation: O,
    request: RequestOf<O>,
    answer: (response: ResponseOf<O>) => void,
    fail: (error: unknown) => void,
  ): void {
    const faults = new Faults()
    faults.failNext(operation.name as OperationName, errorOf(fault))
    const refuse = faults.interceptor(() => Promise.reject(new Error('it has gone through')))
    void refuse(operation, request).then(
      (response) => this.#way.back(() => answer(response)),
      (error: unknown) => this.#way.back(() => fail(error)),
    )
  }
}
