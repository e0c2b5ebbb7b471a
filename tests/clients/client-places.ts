import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { embedded, type EmbeddedOptions, memory } from '@kafkado/broker'
import { http, intercept, type Interceptor, type Runtime, type Transport } from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { KafkaClient } from 'kafkado'
import { Faults, type ManualClock } from '@kafkado/testing'

/** A client of an engine of its own, what went over its transport, and what is to go wrong there. */
export interface ClientUnderTest {
  readonly kafka: KafkaClient
  readonly transport: Transport
  readonly faults: Faults
  /** The names and requests of the operations so far. */
  readonly requests: { readonly operation: string; readonly request: Record<string, unknown> }[]
  close(): Promise<void>
}

export type Place = (options?: EmbeddedOptions & { runtime?: Runtime }) => Promise<ClientUnderTest>

/** Requests on their way to an engine, long polls apart: over HTTP they take real time, in which a clock that is advanced must not run away. */
let underWay = 0

const countUnderWay: Interceptor = (next) => async (operation, request, options) => {
  if (operation.longPollMs(request) > 0) return next(operation, request, options)
  underWay++
  try {
    return await next(operation, request, options)
  } finally {
    underWay--
  }
}
/** So long a clock is held for them at most, in real time. */
const longestHoldMs = 50

function client(transport: Transport, runtime: Runtime | undefined, end: () => Promise<void>): ClientUnderTest {
  const faults = new Faults(runtime)
  const requests: ClientUnderTest['requests'] = []
  const record: Interceptor = (next) => (operation, request, options) => {
    requests.push({ operation: operation.name, request: structuredClone(request) as Record<string, unknown> })
    return next(operation, request, options)
  }
  const observed = intercept(transport, record, faults.interceptor, countUnderWay)
  const kafka = new KafkaClient(observed, runtime)
  const close = async (): Promise<void> => {
    await kafka.close()
    await end()
  }
  return { kafka, transport: observed, faults, requests, close }
}

/** Where the same tests of the clients run. */
export const places: Record<string, Place> = {
  memory: (options = {}) => {
    const engine = memory(options)
    return Promise.resolve(client(engine, options.runtime, () => engine.close()))
  },
  'HTTP to disk': async (options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-clients-'))
    const engine = embedded(folder, options)
    const server = await serve({ transport: engine, port: 0 })
    const transport = http({ url: server.url })
    return client(transport, options.runtime, async () => {
      await transport.close()
      await server.close()
      await engine.close()
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

/**
 * Gives everything its turn, with time standing still unless a clock is given, which then goes on by `stepMs` each turn, until it is so. The clock waits
 * for requests that are being answered: otherwise it would run out before a socket is read.
 */
export async function until(isSo: () => boolean | Promise<boolean>, clock?: ManualClock, stepMs = 5): Promise<void> {
  let advancedMs = performance.now()
  while (!(await isSo())) {
    const nowMs = performance.now()
    if (clock && (underWay === 0 || nowMs - advancedMs > longestHoldMs)) {
      clock.advance(stepMs)
      advancedMs = nowMs
    }
    await turn()
  }
}

/** What the promise comes to, with time going on meanwhile. */
export async function inTime<T>(promise: Promise<T>, clock: ManualClock, stepMs = 5): Promise<T> {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  promise.then(settled, settled)
  await until(() => isSettled, clock, stepMs)
  return promise
}
