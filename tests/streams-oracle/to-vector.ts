import type { Vector } from '../vectors/vector.ts'
import type { Case, Outcome } from './case.ts'

/** A case and what Kafka Streams made of it, in the form of tests/vectors/kafka-streams.json. */
export function toVector({ seed, operators, inputs }: Case, theirs: Outcome): Vector {
  const outputs = 'outputs' in theirs ? theirs.outputs : []
  const expected = outputs.map(({ header: _header, out, ...output }) =>
    out === 'output' ? output : { ...output, out },
  )
  const order = 'of the records of a key in a step'
  const vectorInputs = inputs.map((input) => {
    if ('advance' in input) return input
    const { header: _header, ...plain } = input
    return plain
  })
  const name = `oracle-seed-${seed}`
  return { name, kind: 'must', operation: 'operators', params: { operators }, inputs: vectorInputs, expected, order }
}
