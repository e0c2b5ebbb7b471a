import { InvalidRequestError } from '@kafkado/core'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

const defaultPort = 9092

/**
 * Parses `'b1:9092,b2,[::1]:9093'`, or a list of such strings.
 *
 * @throws InvalidRequestError when an address is not valid
 */
export function parseBrokers(brokers: string | readonly string[]): BrokerAddress[] {
  const texts = typeof brokers === 'string' ? brokers.split(',') : brokers
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(parseBroker)
}

function parseBroker(text: string): BrokerAddress {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f.]*:[0-9a-f:.]*)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = digits === undefined ? defaultPort : Number(digits)
  if (host === undefined || port < 1 || port > 65_535)
    throw new InvalidRequestError(`${shown(text)} is not a broker's address: write host:port, such as localhost:9092`)
  return { host, port }
}

/** Hides anything before an @, as it may be a password. */
function shown(text: string): string {
  return JSON.stringify(text.replace(/^.*@/, '…@'))
}

export function showAddress({ host, port }: BrokerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
