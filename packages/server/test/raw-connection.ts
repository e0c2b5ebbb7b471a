import { connect, type Socket } from 'node:net'

/** A socket on which a test sends bytes and waits for what comes back. */
export class RawConnection {
  readonly socket: Socket
  /** Resolves when the server has closed it. */
  readonly closed: Promise<void>
  /** The status codes of the answers, in their order. */
  readonly statuses: number[] = []
  #received = ''
  #tail = ''
  #onData = (): void => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      // Only what is new is searched: bodies can be large.
      const ending = this.#tail + text
      for (const [, status] of ending.matchAll(/HTTP\/1\.1 (\d{3}) /g)) this.statuses.push(Number(status))
      this.#tail = ending.slice(-12)
      this.#onData()
    })
    // A connection that the server ends may be reset.
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.on('close', () => (this.#onData(), resolve())))
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawConnection(socket)))
      socket.once('error', reject)
    })
  }

  get received(): string {
    return this.#received
  }

  send(...parts: string[]): void {
    for (const part of parts) this.socket.write(part)
  }

  /** Waits until so many answers have begun, and returns all that was received. */
  async answers(count: number): Promise<string> {
    await this.until(() => this.statuses.length >= count)
    return this.#received
  }

  /** @throws when the server closes the connection before */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onData = () => {
        if (isSo()) resolve()
        else if (this.socket.destroyed) reject(new Error(`the server closed, after: ${this.#received.slice(0, 2000)}`))
      }
      this.#onData()
    })
  }

  close(): void {
    this.socket.destroy()
  }
}

/** The head and body of a request, as bytes. */
export function rawPost(path: string, body: string, ...headers: string[]): string {
  const json = headers.some((header) => header.startsWith('Content-Type')) ? [] : ['Content-Type: application/json']
  const all = [`POST ${path} HTTP/1.1`, 'Host: localhost', ...json, ...headers, `Content-Length: ${body.length}`]
  return `${all.join('\r\n')}\r\n\r\n${body}`
}
