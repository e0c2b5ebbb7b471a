import { InvalidRequestError, KafkaError } from '@kafkado/core'

/** Refuses a request with an HTTP status that does not follow from the error alone. */
export class Refusal extends Error {
  readonly status: number
  readonly error: KafkaError
  readonly headers: Record<string, string>

  constructor(status: number, error: KafkaError, headers: Record<string, string> = {}) {
    super(error.message)
    this.status = status
    this.error = error
    this.headers = headers
  }
}

/** Refuses an unacceptable request: nothing was carried out, and a retry would not help. */
export function refuse(status: number, detail: string, headers?: Record<string, string>): Refusal {
  return new Refusal(status, new InvalidRequestError(detail), headers)
}

export function headersTooLarge(maxHeaderBytes: number): Refusal {
  return refuse(431, `the URL and headers are longer than ${maxHeaderBytes} bytes (maxHeaderBytes)`)
}

/** Tells clients to retry, at another server or here when this one is back. */
export function serverClosing(): Refusal {
  return new Refusal(503, new KafkaError('the server is closing', { code: 'SERVER_CLOSING', retriable: true }))
}

/** When to come back after a refusal that the load alone explains. */
export const retryAfterMs = 1000

export function overloaded(detail: string): Refusal {
  return new Refusal(
    503,
    new KafkaError(`the server is overloaded: ${detail}`, { code: 'OVERLOADED', retriable: true, retryAfterMs }),
  )
}
