import { type ConfigField, field } from '@kafkado/core/internal'

/**
 * What happens after a member failed: the application ends with the error, or a new member replaces the failed one.
 * Kafka: SHUTDOWN_CLIENT and REPLACE_THREAD of StreamsUncaughtExceptionHandler.
 */
export type UncaughtAnswer = 'shutDown' | 'replace'

/**
 * Decides by the error, at once: a promise is not accepted.
 *
 * @param failures how often in a row the member in this place has failed, including this time
 */
export type UncaughtHandler = (error: unknown, failures: number) => UncaughtAnswer

export const onUncaughtField = (): ConfigField =>
  field(
    (value) => value === 'shutDown' || value === 'replace' || typeof value === 'function',
    "must be 'shutDown', 'replace' or a function that answers one of them",
  )
