import { batchesContentType, decodeFrame, type Problem } from '@kafkado/core/internal'

/** One answer of the server, as its bytes say it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The answers in the bytes that a connection has received, as far as they are complete. */
export function answersIn(received: string): Answer[] {
  const answers: Answer[] = []
  for (let position = 0; ;) {
    const end = received.indexOf('\r\n\r\n', position)
    if (end < 0) return answers
    const [first = '', ...lines] = received.slice(position, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
    if (Number.isNaN(status)) throw new Error(`what came is no answer: ${first}`)
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const length = status < 200 || status === 204 ? 0 : Number(headers['content-length'])
    if (Number.isNaN(length)) throw new Error(`an answer says not how long it is: ${received.slice(position, end)}`)
    position = end + 4 + length
    if (position > received.length) return answers
    if (status >= 200) answers.push({ status, headers, body: received.slice(end + 4, position) })
  }
}

/** The problem document of an answer; undefined where it has none. */
export function problemIn({ headers, body }: Answer): Problem | undefined {
  return headers['content-type'] === 'application/problem+json'
    ? (JSON.parse(Buffer.from(body, 'latin1').toString()) as Problem)
    : undefined
}

/** The message of a 200, whether JSON or a frame. */
export function messageIn({ headers, body }: Answer): unknown {
  const bytes = Buffer.from(body, 'latin1')
  return headers['content-type'] === batchesContentType ? decodeFrame(bytes) : JSON.parse(bytes.toString())
}

/** All error codes of the parts of a message. */
export function errorCodesIn(message: unknown): number[] {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return []
  return Object.entries(message).flatMap(([name, value]) =>
    name === 'errorCode' ? [value as number] : errorCodesIn(value),
  )
}
