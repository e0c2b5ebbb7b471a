import { KafkaError, MessageTooLargeError, SerializationError, TimeoutError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import type { ErrorSettings } from '../../errors/error-options.ts'
import type { ErrorKind } from '../../errors/streams-error.ts'
import { ErrorHandling } from './error-handling.ts'

const kinds: readonly ErrorKind[] = ['deserialization', 'processing', 'production']

const causes: Readonly<Record<string, unknown>> = {
  'an error of the operator': new Error('it failed'),
  'an error of the operator with a cause': new Error('it failed', { cause: new TimeoutError('no answer') }),
  'something that is no error': 'lost',
  'a full buffer': new KafkaError('the buffer is full', { code: 'BUFFER_FULL' }),
  'a record too large': new MessageTooLargeError('too large'),
  'a value that cannot be written': new SerializationError('no form for it'),
  'a server without an answer': new TimeoutError('no answer'),
}

/** Answers of a function that end the application. */
const answers: Readonly<Record<string, () => never>> = {
  fail: () => 'fail' as never,
  'deadLetter without a topic': () => 'deadLetter' as never,
  'nothing that it may': () => 'retry' as never,
  'an error': () => {
    throw new Error('the handler is lost')
  },
}

const cases = kinds.flatMap((kind) =>
  Object.keys(causes).flatMap((cause) => Object.keys(answers).map((answer) => [kind, cause, answer] as const)),
)

describe('what ends the application', () => {
  it.each(cases)('at %s, for %s, by %s, is told as it is by whoever it passes', (first, cause, answer) => {
    let asked = 0
    const handler = (): never => {
      asked++
      return answers[answer]?.() as never
    }
    const settings = {
      deserialization: handler,
      processing: handler,
      production: handler,
      deadLetterTopic: undefined,
      isGiven: true,
    }
    const done: string[] = []
    const handling = new ErrorHandling(settings satisfies ErrorSettings, {
      putAside: () => done.push('put aside'),
      count: () => done.push('counted'),
    })
    const thrownBy = (kind: ErrorKind, passing: unknown, operator: string): unknown => {
      try {
        handling.handle({ kind, cause: passing, task: '0_0', operator, record: undefined })
      } catch (error) {
        return error
      }
      throw new Error('it did not end the application')
    }
    const ending = thrownBy(first, causes[cause], 'inner')
    const askedBefore = asked
    for (const kind of kinds) expect(thrownBy(kind, ending, 'outer')).toBe(ending)
    expect({ asked, done }).toEqual({ asked: askedBefore, done: [] })
  })
})
