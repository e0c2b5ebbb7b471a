import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const apiVersionsKey = 18

/**
 * Asks a broker which operations it knows, on a PLAINTEXT listener, by a request made by hand: it needs no client
 * that could itself be wrong.
 *
 * @returns the greatest version of each operation, by its key
 */
export async function requestApiVersions(
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<Map<number, number>> {
  const socket = connect({ host, port, ...(signal && { signal }) })
  try {
    // Its length, then key, version 0, correlation id, and no client id.
    socket.write(Buffer.from([0, 0, 0, 10, 0, apiVersionsKey, 0, 0, 0, 0, 0, 7, 0xff, 0xff]))
    let received = Buffer.alloc(0)
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) return readResponse(received)
    }
    throw new Error(`${host}:${port} closed the connection before it answered`)
  } finally {
    socket.destroy()
  }
}

/**
 * Waits until the broker answers; the signal says how long.
 *
 * @throws with the last reason why it did not
 */
export async function untilServes(host: string, port: number, signal: AbortSignal): Promise<void> {
  let reason: unknown
  while (!signal.aborted) {
    try {
      await requestApiVersions(host, port, signal)
      return
    } catch (error) {
      if (!signal.aborted) reason = error
    }
    // While nobody listens there is nothing to wait for but time.
    await delay(50, undefined, { signal }).catch(() => undefined)
  }
  throw new Error(`${host}:${port} does not answer${reason instanceof Error ? `: ${reason.message}` : ''}`)
}

function readResponse(frame: Buffer): Map<number, number> {
  const [correlationId, errorCode, count] = [frame.readInt32BE(4), frame.readInt16BE(8), frame.readInt32BE(10)]
  if (correlationId !== 7 || errorCode !== 0) throw new Error(`not an answer to ApiVersions, error ${errorCode}`)
  return new Map(
    Array.from({ length: count }, (_, index) => {
      const at = 14 + index * 6
      return [frame.readInt16BE(at), frame.readInt16BE(at + 4)]
    }),
  )
}
