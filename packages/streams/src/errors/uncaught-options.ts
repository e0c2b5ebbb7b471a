import { type ConfigField, field } from '@kafkado/core/internal'

/** What becomes of a member that cannot go on: the application ends with its error, or a new member takes its place. */
export type UncaughtAnswer = 'shutDown' | 'replace'

/**
 * Decides by the error, at once: a promise is no answer.
 *
 * @param failures how often in a row a member in this place has failed, this time included
 */
export type UncaughtHandler = (error: unknown, failures: number) => UncaughtAnswer

export const onUncaughtField = (): ConfigField =>
  field(
    (value) => value === 'shutDown' || value === 'replace' || typeof value === 'function',
    "must be 'shutDown', 'replace' or a function that answers one of them",
  )
