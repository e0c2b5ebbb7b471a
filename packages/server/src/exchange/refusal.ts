import { InvalidRequestError, KafkaError } from '@kafkado/core'

/** A request that is turned away with an HTTP status which does not follow from the error alone. */
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

/**
 * A refusal because the request is not one that the server takes: nothing was carried out, and trying again is no use.
 */
export function refuse(status: number, detail: string, headers?: Record<string, string>): Refusal {
  return new Refusal(status, new InvalidRequestError(detail), headers)
}

export function headersTooLarge(maxHeaderBytes: number): Refusal {
  return refuse(431, `the URL and headers are longer than ${maxHeaderBytes} bytes (maxHeaderBytes)`)
}

/** Said to who may try again, at another server or at this one when it is back. */
export function serverClosing(): Refusal {
  return new Refusal(503, new KafkaError('the server is closing', { code: 'SERVER_CLOSING', retriable: true }))
}
