import type { AuditEntry } from '../audit/audit-entry.ts'
import type { Clock } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import { type DestinationStream, pino } from 'pino'
import type { Log } from '../log.ts'

/** From the most to the least talkative. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Which entries a server writes: this level and all more serious ones. */
export type LogLevel = (typeof logLevels)[number]

/** What looks like an API key, or like the credentials of a request, wherever it stands. */
const secrets = /kdo_[\w-]+|\b(bearer|basic) +[^\s"',]+/gi

/**
 * Writes each entry as one line of JSON to standard error, where container platforms collect it. Errors of other
 * programs may quote what they were given, so secrets are removed from every text.
 *
 * @param destination for tests
 */
export function serverLog(level: LogLevel, clock: Clock, destination: DestinationStream = standardError): Log {
  const logger = pino(
    {
      level,
      base: undefined,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    },
    destination,
  )
  const log = ({ level: severity, message, error, ...more }: Parameters<Log>[0]): void => {
    const cause = error instanceof Error ? error.stack : error
    const causeText =
      cause === undefined ? {} : { error: withoutSecrets(typeof cause === 'string' ? cause : messageOf(cause)) }
    const fields = Object.entries(more).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutSecrets(value) : value,
    ])
    logger[severity]({ ...Object.fromEntries(fields), ...causeText }, withoutSecrets(message))
  }
  return Object.assign(log, { isDebugging: level === 'debug' })
}

const standardError: DestinationStream = { write: (line) => void process.stderr.write(line) }

function withoutSecrets(text: string): string {
  return text.replace(secrets, '[secret]')
}

/** The log marks its lines by a level, the audit log by this field. */
export function auditToStandardError(entry: AuditEntry): void {
  process.stderr.write(`${JSON.stringify({ audit: true, ...entry })}\n`)
}
