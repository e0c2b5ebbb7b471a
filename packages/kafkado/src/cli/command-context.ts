import type { KafkaClient } from '@kafkado/client'
import { type Duration, InvalidRequestError, type Transport } from '@kafkado/core'
import { isDuration, toMilliseconds } from '@kafkado/core/internal'
import { waitForServer } from './wait-for-server.ts'

/** Options of every command. */
export interface CommonOptions {
  readonly url?: string
  readonly apiKey?: string
  readonly json?: boolean
  readonly wait?: string
}

const defaultUrl = 'http://localhost:8080'

/**
 * Runs a command with a client, once its server answers. Closes the client in any case.
 *
 * @param signal ends the wait for the server
 */
export async function withClient<T>(
  { url, apiKey, wait = '30s' }: CommonOptions,
  run: (kafka: KafkaClient, transport: Transport) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const waitMs = toMilliseconds(durationOption('--wait', wait), '--wait')
  const target = url ?? process.env['KAFKA_DO_URL'] ?? defaultUrl
  // Loaded here, as help and version need none of it.
  const [{ connect }, { createKafkaClient }] = await Promise.all([
    import('../connect/connect.ts'),
    import('../connect/create-kafka-client.ts'),
  ])
  const transport = connect(apiKey === undefined ? { url: target } : { url: target, apiKey })
  const kafka = createKafkaClient(transport)
  try {
    await waitForServer(transport, target, { waitMs, signal }, complain)
    return await run(kafka, transport)
  } finally {
    await kafka.close()
  }
}

const endingSignals = ['SIGINT', 'SIGTERM'] as const

/** Aborts at the first Ctrl-C or SIGTERM; a second one, of either kind, ends the process as usual. */
export function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController()
  const interrupt = (): void => {
    for (const signal of endingSignals) process.removeListener(signal, interrupt)
    interrupted.abort(new Error('interrupted'))
  }
  for (const signal of endingSignals) process.on(signal, interrupt)
  return interrupted.signal
}

export function writeLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Writes one clear line to standard error. */
export function complain(message: string): void {
  process.stderr.write(`kafkado: ${message.replaceAll('\n', ' ')}\n`)
}

/** @throws InvalidRequestError when the string is no whole number from `minimum` up */
export function wholeNumber(option: string, text: string, minimum = 0): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= minimum) return number
  throw new InvalidRequestError(`${option} must be a whole number from ${minimum} up, got '${text}'`)
}

/** @throws InvalidRequestError when the string is neither milliseconds nor a duration */
export function durationOption(option: string, text: string): Duration {
  const duration = /^\d+$/.test(text) ? Number(text) : text
  if (isDuration(duration)) return duration
  throw new InvalidRequestError(`${option} must be milliseconds or a duration such as 30s or 7d, got '${text}'`)
}

/**
 * A point in time: milliseconds since the epoch, or a date with or without a time. `Date.parse` turns other strings
 * into surprising dates: 1.5 into the 5th of January 2001.
 */
export function timeOf(text: string): number | undefined {
  const timestamp = /^\d+$/.test(text) ? Number(text) : /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(timestamp) ? timestamp : undefined
}
