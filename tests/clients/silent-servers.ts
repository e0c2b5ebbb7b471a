import { type AddressInfo, createServer, type Socket } from 'node:net'
import { http, type Runtime, type Transport } from '@kafkado/core'
import { wire } from '@kafkado/wire'

/** A server that takes what it is sent and never answers all of it. */
export interface SilentServer {
  /** A transport to it that waits for an answer for 2 s. */
  connect(runtime: Runtime): Transport
  close(): Promise<void>
}

const timeout = '2s'

/** A frame that says it has a hundred bytes, and ten of them. */
const halfFrame = Buffer.concat([Buffer.from([0, 0, 0, 100]), Buffer.alloc(10)])

/** Servers by what they do with a request. */
export const silentServers: Record<string, () => Promise<SilentServer>> = {
  'a broker that says nothing': () => broker(() => undefined),
  'a broker that answers half a frame': () => broker((socket) => void socket.write(halfFrame)),
  'an HTTP server that says nothing': silentHttpServer,
  'an HTTP server that does not end its headers': () =>
    httpServer((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n')),
  'an HTTP server that does not end its body': () =>
    httpServer((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"throttleTimeMs":',
      )
    }),
}

export function silentHttpServer(): Promise<SilentServer> {
  return httpServer(() => undefined)
}

async function broker(answer: (socket: Socket) => void): Promise<SilentServer> {
  const { port, ...server } = await listening(answer)
  return { connect: (runtime) => wire({ brokers: `127.0.0.1:${port}`, timeout, runtime }), ...server }
}

async function httpServer(answer: (socket: Socket) => void): Promise<SilentServer> {
  const { port, ...server } = await listening(answer)
  return { connect: (runtime) => http({ url: `http://127.0.0.1:${port}`, timeout, retries: 0, runtime }), ...server }
}

async function listening(
  answer: (socket: Socket) => void,
): Promise<Omit<SilentServer, 'connect'> & { readonly port: number }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    // A client that gives up ends its connection as it likes.
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
