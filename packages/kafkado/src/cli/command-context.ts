import { InvalidRequestError, KafkaError } from '@kafkado/core'
import { createKafkaClient, type KafkaClient } from '../kafka-client.ts'

/** What every command takes. */
export interface CommonOptions {
  readonly url?: string
  readonly apiKey?: string
  readonly json?: boolean
}

const defaultUrl = 'http://localhost:8080'

/** The client that a command's options name. */
function clientFor({ url, apiKey }: CommonOptions): KafkaClient {
  const target = url ?? process.env['KAFKA_DO_URL'] ?? defaultUrl
  return createKafkaClient(apiKey === undefined ? { url: target } : { url: target, apiKey })
}

/** Runs a command with a client, which is closed whatever happens. */
export async function withClient<T>(options: CommonOptions, run: (kafka: KafkaClient) => Promise<T>): Promise<T> {
  const kafka = clientFor(options)
  try {
    return await run(kafka)
  } finally {
    await kafka.close()
  }
}

/** Aborts at the first Ctrl-C or request to end; a second one ends the process as usual. */
export function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  return interrupted.signal
}

export function writeLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** One clear line on standard error. */
export function complain(message: string): void {
  process.stderr.write(`kafkado: ${message.replaceAll('\n', ' ')}\n`)
}

/** The message of an error, without what only a programmer wants to see. */
export function messageOf(error: unknown): string {
  return KafkaError.is(error) || error instanceof Error ? error.message : String(error)
}

/** @throws InvalidRequestError when the text is no whole number from `minimum` up */
export function wholeNumber(option: string, text: string, minimum = 0): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= minimum) return number
  throw new InvalidRequestError(`${option} must be a whole number from ${minimum} up, got '${text}'`)
}
