import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Ports on which nobody listens. They lie below those that systems give to outgoing connections, so that none of
 * these takes the port of a broker while it is down.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  const ports: number[] = []
  while (ports.length < count) {
    const port = randomInt(20_000, 32_000)
    const server = await listen(port)
    if (!server) continue
    held.push(server)
    ports.push(port)
  }
  // All are held until the last is found, so that none is given twice.
  await Promise.all(held.map((server) => once(server.close(), 'close')))
  return ports
}

/** @throws when somebody listens on the port */
export async function checkFree(port: number): Promise<void> {
  const server = await listen(port)
  if (!server) throw new Error(`port ${port} is taken by another program`)
  await once(server.close(), 'close')
}

/** Nothing when the port is taken. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
