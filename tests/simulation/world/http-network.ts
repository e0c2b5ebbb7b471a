import type { Fetch } from '@kafkado/core'
import { carryRequest } from './carry-request.ts'
import type { Fault } from './faults.ts'
import type { NetworkWay } from './network-way.ts'
import type { Server } from './server.ts'

/** A `fetch` over a network with proxies, on which things go wrong beneath whatever the client does about it. */
export function httpNetwork(server: Server, way: NetworkWay): Fetch {
  return (url, init) => {
    const { body, headers, method } = init as RequestInit
    const path = new URL(url as string).pathname
    // What the client does with its signal does not stop what is on its way.
    const arrive = async (): Promise<Response> => {
      const request = new Request(url as string, { method: method ?? 'POST', headers, body } as RequestInit)
      // As every HTTP client says it that knows.
      request.headers.set('content-length', String(lengthOf(body)))
      const response = await server.handle(request)
      return new Response(await response.arrayBuffer(), response)
    }
    return new Promise((answer, fail) => {
      const signal = init?.signal
      signal?.addEventListener('abort', () => fail(signal.reason as Error))
      carryRequest(way, way.fault(path), {
        arrive,
        answer,
        fail,
        refusal: noServer,
        breakage: broken,
        failure: (error) => ((error as { outcome?: string }).outcome === 'failed' ? noServer() : broken()),
        refuse: (fault) => way.back(() => answer(proxyError(fault))),
        mangled: cutOff,
      })
    })
  }
}

function lengthOf(body: unknown): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body as Uint8Array).length
}

const proxyStatuses = [408, 500, 502, 503, 503, 504]

/** A proxy that has found nobody, or has waited too long, answers by itself. */
function proxyError({ choice }: Fault): Response {
  const status = proxyStatuses[Math.floor(choice * proxyStatuses.length)] as number
  return new Response('<html>', { status })
}

async function cutOff(response: Response, { choice }: Fault): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer())
  return new Response(body.subarray(0, Math.floor(choice * body.length)), response)
}

function noServer(): Error {
  return Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  })
}

function broken(): Error {
  return new TypeError('the connection broke')
}
