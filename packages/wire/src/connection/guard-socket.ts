import type { Socket } from 'node:net'

/**
 * What a broker sends can make the library throw while it reads frames: a frame of one byte, or of a negative size.
 * Thrown in the handler of a socket it would end the process; so it ends the connection, and with it what is under way
 * there.
 *
 * @param connected the event after which the library listens for data, when its own listeners have run
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
