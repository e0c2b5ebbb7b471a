import {
  type AnyOperation,
  DisconnectedError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  TimeoutError,
  type Transport,
} from '@kafkado/core'
import { Faults } from '@kafkado/testing'
import { errorOf, type Fault } from './faults.ts'
import type { NetworkWay } from './network-way.ts'
import { refused, type Server } from './server.ts'

type Settle = (settle: () => void) => void

/** The embedded transport as if a network lay between: everything that it carries out may be lost, late, doubled or refused on the way. */
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
      const arrive = (): Promise<ResponseOf<O>> => this.#server.receive(operation, request, signal)
      this.#carry(this.#way.fault(operation.name), operation, request, arrive, {
        answer: (response) => settle(() => resolve(response as ResponseOf<O>)),
        fail: (error) => settle(() => reject(error as Error)),
      })
    })
  }

  #carry<O extends AnyOperation>(
    fault: Fault | undefined,
    operation: O,
    request: RequestOf<O>,
    arrive: () => Promise<ResponseOf<O>>,
    { answer, fail }: { readonly answer: (response: unknown) => void; readonly fail: (error: unknown) => void },
  ): void {
    const way = this.#way
    const broken = (): void => fail(new DisconnectedError(`${operation.name}: the connection broke`))
    if (way.state === 'refusing') {
      way.back(() => fail(refused()))
      return
    }
    const roundTrip = (lateMs = 0, backLateMs = 0): void =>
      way.there(() => {
        arrive().then(
          (response) => way.back(() => answer(response), backLateMs),
          (error: unknown) => way.back(() => fail(error), backLateMs),
        )
      }, lateMs)
    const unheard = (lateMs = 0, then: () => void = () => undefined): void =>
      way.there(() => void arrive().then(then, then), lateMs)
    switch (fault?.kind) {
      case 'lost request':
        way.back(broken)
        break
      case 'silent request':
        break
      case 'lost answer':
        unheard(0, () => way.back(broken))
        break
      case 'silent answer':
        unheard()
        break
      case 'stray':
        way.back(broken)
        unheard(fault.delayMs)
        break
      case 'late request':
        roundTrip(fault.delayMs)
        break
      case 'late answer':
        roundTrip(0, fault.delayMs)
        break
      case 'copied':
        roundTrip()
        unheard(fault.delayMs)
        break
      case 'error':
        this.#refuse(fault, operation, request, answer, fail)
        break
      case 'error after':
        unheard(0, () => this.#refuse(fault, operation, request, answer, fail))
        break
      // What is mangled on the way is found out by its length, and so the connection is given up.
      case 'mangled answer':
        unheard(0, () => way.back(broken))
        break
      case undefined:
        roundTrip()
    }
  }

  #refuse<O extends AnyOperation>(
    fault: Fault,
    operation: O,
    request: RequestOf<O>,
    answer: (response: unknown) => void,
    fail: (error: unknown) => void,
  ): void {
    const faults = new Faults()
    faults.failNext(operation.name, errorOf(fault))
    const refuse = faults.interceptor(() => Promise.reject(new Error('it has gone through')))
    void refuse(operation, request).then(
      (response) => this.#way.back(() => answer(response)),
      (error: unknown) => this.#way.back(() => fail(error)),
    )
  }
}
