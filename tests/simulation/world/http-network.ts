import type { Fetch } from '@kafkado/core'
import type { Fault } from './faults.ts'
import type { NetworkWay } from './network-way.ts'
import type { Server } from './server.ts'

/** A `fetch` over a network with proxies, on which things go wrong beneath whatever the client does about it. */
export function httpNetwork(server: Server, way: NetworkWay): Fetch {
  return (url, init) => {
    const { body, headers, method } = init as RequestInit
    const path = new URL(url as string).pathname
    // What the client does with its signal does not stop what is on its way.
    const arrive = (): Promise<Response> => {
      const request = new Request(url as string, { method: method ?? 'POST', headers, body } as RequestInit)
      // As every HTTP client says it that knows.
      request.headers.set('content-length', String(lengthOf(body)))
      return server.handle(request)
    }
    return new Promise((resolve, reject) => {
      const signal = init?.signal
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
      carry(way, way.fault(path), arrive, resolve, reject)
    })
  }
}

function lengthOf(body: unknown): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body as Uint8Array).length
}

const proxyStatuses = [408, 500, 502, 503, 503, 504]

function carry(
  way: NetworkWay,
  fault: Fault | undefined,
  arrive: () => Promise<Response>,
  answer: (response: Response) => void,
  fail: (error: Error) => void,
): void {
  const broken = (): void => fail(new TypeError('the connection broke'))
  if (way.state === 'refusing') {
    way.back(() => fail(noServer()))
    return
  }
  const whole = async (): Promise<Response> => {
    const response = await arrive()
    return new Response(await response.arrayBuffer(), response)
  }
  const roundTrip = (lateMs = 0, backLateMs = 0, change = (response: Response): unknown => response): void =>
    way.there(() => {
      whole()
        .then(change)
        .then(
          (response) => way.back(() => answer(response as Response), backLateMs),
          (error: unknown) => way.back(() => fail(unreachable(error)), backLateMs),
        )
    }, lateMs)
  const unheard = (lateMs = 0, then: () => void = () => undefined): void =>
    way.there(() => void whole().then(then, then), lateMs)
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
      way.back(() => answer(proxyError(fault)))
      break
    case 'error after':
      unheard(0, () => way.back(() => answer(proxyError(fault))))
      break
    case 'mangled answer':
      roundTrip(0, 0, (response) => cutOff(response, fault.choice))
      break
    case undefined:
      roundTrip()
  }
}

/** A proxy that has found nobody, or has waited too long, answers by itself. */
function proxyError({ choice }: Fault): Response {
  const status = proxyStatuses[Math.floor(choice * proxyStatuses.length)] as number
  return new Response('<html>', { status })
}

async function cutOff(response: Response, choice: number): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer())
  return new Response(body.subarray(0, Math.floor(choice * body.length)), response)
}

function noServer(): Error {
  return Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  })
}

/** How a client sees that a server is not there, or has gone. */
function unreachable(error: unknown): Error {
  return (error as { outcome?: string }).outcome === 'failed' ? noServer() : new TypeError('the connection broke')
}
