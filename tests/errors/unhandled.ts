// Rejects with errors that nobody handles: with one of each class, or with the one that was asked for, which ends the
// process.
import { TimeoutError } from '@kafkado/core'
import { errorOfAttempts, errorOfThrown, thrownMessageOf } from '@kafkado/core/internal'
import { errorClasses, message, sampleOf } from './error-classes.ts'

const ways: Readonly<Record<string, () => unknown>> = {
  constructor: () => new TimeoutError(message, { outcome: 'failed' }),
  attempts: () => errorOfAttempts(new TimeoutError(message, { outcome: 'failed' }), true),
  thrown: () => errorOfThrown(structuredClone(thrownMessageOf(new TimeoutError(message)))),
}

const way = ways[process.argv[2] ?? '']
if (way) void Promise.reject(way() as Error)
else for (const [name, errorClass] of await errorClasses()) void Promise.reject(sampleOf(name, errorClass))
