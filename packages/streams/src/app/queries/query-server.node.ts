import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { QueryServer, QueryServerOptions } from './query-server.ts'

/** Serves queries by node:http. */
export async function serveQueries(
  handle: (request: Request) => Promise<Response>,
  { port = 0, host = '127.0.0.1' }: QueryServerOptions,
): Promise<QueryServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const { authorization } = request.headers
    const asked = new Request(url, {
      method: request.method ?? 'GET',
      headers: authorization === undefined ? {} : { authorization },
    })
    handle(asked).then(
      async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers))
        response.end(await answer.text())
      },
      () => {
        response.writeHead(500)
        response.end()
      },
    )
  })
  server.listen(port, host)
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
