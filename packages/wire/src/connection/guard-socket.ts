import type { Socket } from 'node:net'

/**
 * Some bytes from a broker make the library throw while it reads frames: a frame of one byte, or of a negative size. An
 * error thrown in a socket's handler would end the process, so it ends only the connection and its requests.
 *
 * @param connected the event after which the library listens for data, once its own listeners have run
 */
export function guardSocket(socket: Socket, connected: 'connect' | 'secureConnect'): void {
  socket.once(connected, () => {
    for (const read of socket.listeners('data') as ((chunk: Buffer) => void)[]) {
      socket.removeListener('data', read)
      socket.on('data', (chunk: Buffer) => {
        try {
          read(chunk)
        } catch (error) {
          socket.destroy(error instanceof Error ? error : new Error(String(error)))
        }
      })
    }
  })
}
