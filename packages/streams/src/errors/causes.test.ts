import { KafkaError, SerializationError, StorageError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { isPassing } from '../member/passing-errors.ts'
import { StoreError, storeOfError } from '../state/store-error.ts'
import { faultOfServer } from '../task/errors/processing-errors.ts'
import { Suspicions } from '../task/errors/suspicions.ts'
import { causesOf } from './causes.ts'

/** Fails a search that asks for the cause more often than there are causes: it would never end. */
function causing(error: Error, cause: () => unknown): Error {
  let looks = 0
  const get = (): unknown => {
    if (++looks > 100) throw new Error('it was looked at a hundred times')
    return cause()
  }
  return Object.defineProperty(error, 'cause', { get })
}

/** The errors of a chain; the last one is caused by the error at that place, or by nothing. */
function chain(errors: readonly Error[], circleTo?: number): Error {
  for (const [at, error] of errors.entries())
    causing(error, () => errors[at + 1] ?? (circleTo === undefined ? undefined : errors[circleTo]))
  return errors[0] as Error
}

const plain = (): Error => new Error('plain')
const final = (): Error =>
  new KafkaError('final', { code: 'UNKNOWN_SERVER_ERROR', retriable: false, outcome: 'failed' })
const passing = (): Error => new StorageError('passing', { retriable: true, outcome: 'failed' })
const ofRecord = (): Error => new SerializationError('of the record')
const ofStore = (): Error => new StoreError('rows', 'cannot be read')

const found = (error: Error): unknown => {
  const suspicions = new Suspicions()
  suspicions.onEnded(error)
  return {
    causes: [...causesOf(error)].length,
    store: storeOfError(error),
    fault: faultOfServer(error)?.message,
    isPassing: isPassing(error),
    areRefused: suspicions.areRefused,
  }
}

const nothing = { store: undefined, fault: undefined, isPassing: false, areRefused: false }

describe.each([
  [[plain], { ...nothing, causes: 1 }],
  [[plain, plain, plain], { ...nothing, causes: 3 }],
  [[plain, final], { ...nothing, causes: 2, fault: 'final' }],
  [[final, final], { ...nothing, causes: 2, fault: 'final' }],
  [[final, passing], { ...nothing, causes: 2, fault: 'final', isPassing: true }],
  [[plain, passing], { ...nothing, causes: 2, fault: 'passing' }],
  [[plain, ofRecord, final], { ...nothing, causes: 3, areRefused: true }],
  [[final, plain, ofRecord], { ...nothing, causes: 3, fault: 'final', areRefused: true }],
  [[plain, ofStore], { ...nothing, causes: 2, store: 'rows', areRefused: true }],
] as const)('%o', (errors, expected) => {
  const made = (): Error[] => errors.map((make) => make())

  it('says what it comes from', () => {
    expect(found(chain(made()))).toEqual(expected)
  })

  it.each(errors.map((_, at) => at))('says so too when its causes go in a circle, to %d', (circleTo) => {
    expect(found(chain(made(), circleTo))).toEqual(expected)
  })
})

it('has no causes of what is no error', () => {
  for (const one of [undefined, null, 'text', { cause: new Error('no') }]) expect([...causesOf(one)]).toEqual([])
})
