import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, type EmbeddedOptions, memory } from '@kafkado/broker'
import {
  type Clock,
  http,
  intercept,
  type Interceptor,
  type Runtime,
  seededRandom,
  type Timer,
  type Transport,
} from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { KafkaClient } from 'kafkado'
import { Faults } from '@kafkado/testing'
import { Traffic } from '../passing-time.ts'

/** A client of an engine of its own, what went over its transport, and what is to go wrong there. */
export interface ClientUnderTest {
  readonly kafka: KafkaClient
  readonly transport: Transport
  readonly faults: Faults
  /** The names and requests of the operations so far. */
  readonly requests: { readonly operation: string; readonly request: Record<string, unknown> }[]
  /** How many timers of the engine wait on the clock that was given. */
  engineTimers(): number
  close(): Promise<void>
}

export interface PlaceOptions extends EmbeddedOptions {
  /**
   * Of the clients of a test, which advances it: the engine's time goes on with it, so a long poll ends by it and not
   * in real time.
   */
  readonly clock?: Clock
}

export type Place = (options?: PlaceOptions) => Promise<ClientUnderTest>

/** The engine's time, which goes on as the clock of the clients does. Its time of day is its own. */
class EngineClock implements Clock {
  readonly #clock: Clock
  readonly #aheadMs: number
  readonly #timers = new Set<object>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#aheadMs = clock.now() - clock.monotonic()
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#aheadMs + this.#clock.monotonic()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  schedule(delayMs: number, action: () => void): Timer {
    const own = {}
    const timer = this.#clock.schedule(delayMs, () => {
      this.#timers.delete(own)
      action()
    })
    this.#timers.add(own)
    const cancel = (): void => {
      timer.cancel()
      this.#timers.delete(own)
    }
    return { cancel }
  }
}

interface Engine {
  readonly options: EmbeddedOptions
  readonly traffic: Traffic
  readonly pendingTimers: () => number
}

function engineOf({ clock, ...options }: PlaceOptions): Engine {
  if (!clock) return { options, traffic: new Traffic(options.runtime?.clock), pendingTimers: () => 0 }
  const engineClock = new EngineClock(clock)
  const runtime: Runtime = { clock: engineClock, random: seededRandom(1) }
  // Minutes pass quickly, and the records of tests may be of any time.
  const patient: EmbeddedOptions = { cleanupInterval: '365d', ...options, runtime }
  return { options: patient, traffic: new Traffic(clock), pendingTimers: () => engineClock.pendingTimers }
}

function client(
  transport: Transport,
  { traffic, pendingTimers }: Engine,
  runtime: Runtime | undefined,
  end: () => Promise<void>,
): ClientUnderTest {
  const faults = new Faults(runtime)
  const requests: ClientUnderTest['requests'] = []
  const record: Interceptor = (next) => (operation, request, options) => {
    requests.push({ operation: operation.name, request: structuredClone(request) as Record<string, unknown> })
    return next(operation, request, options)
  }
  const observed = intercept(transport, record, faults.interceptor, traffic.atClients)
  const kafka = new KafkaClient(observed, runtime)
  const close = async (): Promise<void> => {
    await kafka.close()
    await end()
    traffic.end()
  }
  return { kafka, transport: observed, faults, requests, engineTimers: pendingTimers, close }
}

/** Where the same tests of the clients run. */
export const places: Record<string, Place> = {
  memory: (options = {}) => {
    const engine = engineOf(options)
    const transport = intercept(memory(engine.options), engine.traffic.atEngine)
    return Promise.resolve(client(transport, engine, options.runtime, () => transport.close()))
  },
  'HTTP to disk': async (options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-clients-'))
    const engine = engineOf(options)
    const stored = intercept(embedded(folder, engine.options), engine.traffic.atEngine)
    const server = await serve({ transport: stored, port: 0 })
    const transport = http({ url: server.url })
    return client(transport, engine, options.runtime, async () => {
      await transport.close()
      await server.close()
      await stored.close()
      await rm(folder, { recursive: true })
    })
  },
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

/** A promise that the test settles. */
export function deferred<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: ((value: T) => void) | undefined
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: (value) => settle?.(value) }
}
