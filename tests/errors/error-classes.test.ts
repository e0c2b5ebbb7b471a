import { fileURLToPath } from 'node:url'
import { isNativeError } from 'node:util/types'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { KafkaError, Outcome } from '@kafkado/core'
import {
  errorOfAttempts,
  errorOfThrown,
  type ThrownMessage,
  thrownMessageOf,
  withOutcome,
} from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { fromSource, runProcess } from '../processes/child-processes.ts'
import { errorClasses, message, sampleOf } from './error-classes.ts'

const unhandled = fileURLToPath(new URL('unhandled.ts', import.meta.url))
const classes = [...(await errorClasses())].map(([name, errorClass]) => ({ name, errorClass }))

/** What programs decide by. */
const said = ({ code, kafkaName, kafkaCode, retriable, outcome, retryAfterMs }: KafkaError): object => ({
  code,
  kafkaName,
  kafkaCode,
  retriable,
  outcome,
  retryAfterMs,
})

const otherThan = ({ outcome }: KafkaError): Outcome => (outcome === 'failed' ? 'unknown' : 'failed')

/** As it arrives at another thread. */
function posted(thrown: ThrownMessage): ThrownMessage {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(thrown)
  const received = receiveMessageOnPort(port2) as { message: ThrownMessage }
  port1.close()
  return received.message
}

it('finds the classes of every package', () => {
  expect(classes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['KafkaError', 'TimeoutError', 'BatchDeliveryError', 'StreamsError', 'ClusterUnreachable']),
  )
})

describe.each(classes)('$name', ({ name, errorClass }) => {
  const error = sampleOf(name, errorClass)
  const made: [how: string, error: KafkaError][] = [
    ['made by its constructor', error],
    ['of several attempts', errorOfAttempts(error, true) as KafkaError],
    ['of another outcome', withOutcome(error, otherThan(error))],
    ['of another outcome, with a remark', withOutcome(error, otherThan(error), ' (in part)')],
    ['from another thread', errorOfThrown(posted(thrownMessageOf(error)), [errorClass as never]) as KafkaError],
  ]

  it.each(made)('is a native error of its class with a stack, %s', (_, one) => {
    expect(isNativeError(one)).toBe(true)
    expect(one).toBeInstanceOf(errorClass)
    expect(one.message).toContain(message)
    expect(one.stack).toContain(`${one.name}: ${one.message}`)
    expect(one.stack).toMatch(/\n {4}at /)
  })

  it.each(made)('can be cloned as any error can: message and stack are kept, %s', (_, one) => {
    const clone = structuredClone(one) as Error
    expect(clone).toBeInstanceOf(Error)
    // The name of a clone is that of a class of JavaScript's own; the stack keeps ours.
    expect([clone.message, clone.stack]).toEqual([one.message, one.stack])
    expect(clone.stack).toContain(one.name)
  })

  it('is copied with all its fields where it is told with another outcome, as it may have been told to others', () => {
    const { outcome } = error
    const told = withOutcome(error, otherThan(error))
    expect(told).not.toBe(error)
    expect(told.constructor).toBe(errorClass)
    expect({ ...(told as object), outcome: undefined }).toEqual({ ...(error as object), outcome: undefined })
    expect([told.outcome, error.outcome]).toEqual([otherThan(error), outcome])
  })

  it('says to another thread what it says here', () => {
    const there = errorOfThrown(posted(thrownMessageOf(error)), [errorClass as never]) as KafkaError
    expect(there.constructor).toBe(errorClass)
    expect(said(there)).toEqual(said(error))
    expect([there.name, there.message, there.stack]).toEqual([error.name, error.message, error.stack])
    let [cause, thereCause] = [error.cause, there.cause] as (Error | undefined)[]
    expect(cause).toBeInstanceOf(Error)
    for (; cause; [cause, thereCause] = [cause.cause, thereCause?.cause] as (Error | undefined)[])
      expect([thereCause?.name, thereCause?.message]).toEqual([cause.name, cause.message])
  })

  it('keeps its name and what it says where the other thread does not know the class', () => {
    const there = errorOfThrown(posted(thrownMessageOf(error))) as KafkaError
    expect([there.name, said(there)]).toEqual([error.name, said(error)])
  })
})

describe('an error that nobody handles', () => {
  it('is told with its name, message and stack, whatever its class', async () => {
    const { errors } = await runProcess(process.execPath, [fromSource, '--unhandled-rejections=warn', unhandled])
    const missing = classes.filter(({ name, errorClass }) => {
      const error = sampleOf(name, errorClass)
      return !errors.includes(`${error.name}: ${error.message}\n    at sampleOf`)
    })
    expect(missing.map(({ name }) => name)).toEqual([])
  })

  it.each(['constructor', 'attempts', 'thrown'])('ends the process with its stack, made by %s', async (way) => {
    const { code, errors } = await runProcess(process.execPath, [fromSource, unhandled, way])
    expect(code).toBe(1)
    expect(errors).toContain(`: ${message}\n    at `)
    expect(errors).toContain('TimeoutError')
  })
})
