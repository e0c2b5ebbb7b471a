import { createHash } from 'node:crypto'
import { realpathSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * Runs `body` while no other process of this checkout does. The lock is a listening local socket: the system takes
 * it back from a process that dies, and those who wait are told by the end of their connection, without polling.
 */
export async function holdingLock(body) {
  const address = lockAddress()
  let release
  while (!(release = await listen(address))) await untilReleased(address)
  try {
    return await body()
  } finally {
    release()
  }
}

function lockAddress() {
  const name = `kafkado-${createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 24)}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  const [major, minor] = process.versions.node.split('.').map(Number)
  // Linux has names without a file, which leave nothing behind; Node knows them since 20.4.
  const abstract = process.platform === 'linux' && (major > 20 || (major === 20 && minor >= 4))
  return abstract ? `\0${name}` : join(tmpdir(), `${name}.sock`)
}

/** Answers how to release the lock, or nothing when somebody else has it. */
function listen(address) {
  return new Promise((resolve, reject) => {
    const waiting = new Set()
    const server = createServer((socket) => {
      waiting.add(socket)
      socket.on('error', () => {})
    })
    const release = () => {
      server.close()
      for (const socket of waiting) socket.destroy()
    }
    server.on('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(address, () => resolve(release))
  })
}

function untilReleased(address) {
  return new Promise((resolve) => {
    const socket = createConnection(address)
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      // Only a socket file can outlive its process: nobody answers there any more.
      if (error.code === 'ECONNREFUSED' && address[0] !== '\0') rmSync(address, { force: true })
      resolve(undefined)
    })
    socket.on('close', () => resolve(undefined))
    socket.resume()
  })
}
