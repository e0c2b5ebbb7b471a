import { describe, expect, it } from 'vitest'
import type { VectorOutcome } from '../streams-oracle/kafka-streams.ts'
import { toldOtherwise, toldVector } from './told-by-kafka.ts'
import type { Vector } from './vector.ts'

type Told = Exclude<VectorOutcome, { readonly error: string }>

const vector: Vector = {
  name: 'probe',
  kind: 'must',
  operation: 'namedTable',
  params: { named: true },
  inputs: [],
  expected: [],
}
const outcome: Told = {
  outputs: [
    { step: 0, out: 'raw', key: 'k', value: 'a', ts: 1 },
    { step: 0, out: 'output', key: 'k', value: 'b', ts: 1 },
  ],
  dropped: 1,
  stores: { named: { k: 'a' } },
}

describe('what Kafka Streams says of a vector', () => {
  const right = toldVector(vector, outcome)
  const differs = (other: Partial<Told>): string | undefined =>
    toldOtherwise(right, toldVector(right, { ...outcome, ...other }))

  it('is what the vector says, whatever the order among topics', () => {
    expect(right).toMatchObject({ order: 'of each topic', expectedDroppedRecords: 1 })
    expect(differs({})).toBeUndefined()
    expect(differs({ outputs: outcome.outputs.toReversed() })).toBeUndefined()
  })

  it.each<[string, Partial<Told>]>([
    ['outputs', { outputs: outcome.outputs.slice(1) }],
    ['outputs', { outputs: outcome.outputs.map((output) => ({ ...output, value: 'c' })) }],
    ['expectedDroppedRecords', { dropped: 2 }],
    ['expectedEnd', { end: { step: 1, error: 'StreamsException: Exception caught in process.' } }],
    ['expectedStores', { stores: { named: {} } }],
  ])('is told to be otherwise: %s', (name, other) => {
    expect(differs(other)).toContain(name)
  })

  it.each([
    ['Exception caught in process. caused by: buffer exceeded its max capacity', 'BUFFER_FULL'],
    ['Deserialization exception handler is set to fail', 'deserialization'],
    ['Exception caught in process. caused by: Unable to serialize record', 'production'],
    ['Exception caught while punctuating', 'processing'],
  ])('ends with %s, which we call %s', (error, code) => {
    expect(toldVector(vector, { ...outcome, end: { step: 3, error } }).expectedEnd).toEqual({ step: 3, code })
    expect(() => toldVector(vector, { ...outcome, end: { step: 3, error: 'no' } })).toThrow(/no code of ours/)
  })
})
