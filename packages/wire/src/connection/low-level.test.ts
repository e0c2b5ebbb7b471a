import { KafkaError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { lowLevel } from './low-level.ts'

describe('the library of connections', () => {
  it('is the one that is installed, and the same one each time', () => {
    const { Connection } = lowLevel()
    expect(Connection).toBeTypeOf('function')
    expect(lowLevel().Connection).toBe(Connection)
  })

  it('is asked for by its name where it is not installed', () => {
    const missing = new TypeError('Cannot find package')
    const load = (): never => {
      throw missing
    }
    const expected = { code: 'LIBRARY_NOT_LOADED', retriable: false, outcome: 'failed', cause: missing }
    expect(() => lowLevel(load)).toThrow(expect.objectContaining(expected))
    expect(() => lowLevel(load)).toThrow(KafkaError)
    expect(() => lowLevel(load)).toThrow(/'@platformatic\/kafka'.*install it beside the application/)
  })
})
