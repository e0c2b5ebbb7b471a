import type { Vector } from '../vectors/vector.ts'
import type { Case, Outcome } from './case.ts'
import { withSharedHeader } from './headers.ts'

/** A case and what Kafka Streams made of it, in the form of tests/vectors/found-by-oracle.json. */
export function toVector({ seed, operators, inputs }: Case, theirs: Outcome): Vector {
  const outputs = 'outputs' in theirs ? theirs.outputs : []
  const expected = outputs.map((one) => {
    const { out, ...output } = withSharedHeader(operators, one.out, one)
    return out === 'output' ? output : { ...output, out }
  })
  const order = 'of the records of a key in a step'
  const name = `oracle-seed-${seed}`
  return { name, kind: 'must', operation: 'operators', params: { operators }, inputs, expected, order }
}
