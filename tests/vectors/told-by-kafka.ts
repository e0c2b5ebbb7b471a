import { isDeepStrictEqual } from 'node:util'
import { withSharedHeader } from '../streams-oracle/headers.ts'
import type { VectorOutcome } from '../streams-oracle/kafka-streams.ts'
import { inSteps, ofEachTopic } from './run-vector.ts'
import type { Vector, VectorEnd, VectorOutput } from './vector.ts'

type Told = Exclude<VectorOutcome, { readonly error: string }>

/** What Kafka Streams says when it ends, and what we call the same; the first that fits counts. */
const codes: readonly (readonly [RegExp, string])[] = [
  [/exceeded its max capacity/, 'BUFFER_FULL'],
  [/Deserialization exception handler/, 'deserialization'],
  [/Unable to serialize record/, 'production'],
  [/Exception caught/, 'processing'],
]

/** What a vector has to say after what Kafka Streams made of it. */
export function toldVector(vector: Vector, { outputs, dropped, end, stores }: Told): Vector {
  const { operation, params, order } = vector
  const expected = outputs.map(({ out, header, ...output }): VectorOutput => {
    const told = operation === 'operators' && header !== undefined ? { ...output, header } : output
    const shared = withSharedHeader(params.operators ?? [], out, told)
    return out === 'output' ? shared : { ...shared, out }
  })
  const hasTopics = new Set(outputs.map(({ out }) => out)).size > 1
  return {
    ...vector,
    expected,
    ...(hasTopics && order === undefined ? { order: ofEachTopic } : {}),
    ...(countsDrops(vector) && !end ? { expectedDroppedRecords: dropped } : {}),
    ...(end ? { expectedEnd: toldEnd(end) } : {}),
    ...(stores ? { expectedStores: stores } : {}),
  }
}

/**
 * Whether ours has to drop as many. The oracle's operators say nothing of it. When the application ends, ours has
 * counted the record that it ends with.
 */
function countsDrops({ operation }: Vector): boolean {
  return operation !== 'operators'
}

/** @returns what Kafka Streams says otherwise than the vector; undefined when it says the same */
export function toldOtherwise(vector: Vector, told: Vector): string | undefined {
  const order = vector.order ?? ofEachTopic
  const [kept, now] = [vector, told].map(({ expected }) => inSteps(expected as readonly VectorOutput[], order))
  const facts = { outputs: [kept, now] } as Record<string, [unknown, unknown]>
  for (const name of ['expectedDroppedRecords', 'expectedEnd', 'expectedStores'] as const)
    if (vector[name] !== undefined || name !== 'expectedDroppedRecords') facts[name] = [vector[name], told[name]]
  const wrong = Object.entries(facts).filter(([, [mine, theirs]]) => !isDeepStrictEqual(mine, theirs))
  if (wrong.length === 0) return undefined
  return wrong
    .map(([name, [mine, theirs]]) => `${name} ${JSON.stringify(mine)}, Kafka Streams: ${JSON.stringify(theirs)}`)
    .join('; ')
}

function toldEnd({ step, error }: { readonly step: number; readonly error: string }): VectorEnd {
  const [, code] = codes.find(([pattern]) => pattern.test(error)) ?? []
  if (code === undefined) throw new Error(`there is no code of ours for what Kafka Streams ends with: ${error}`)
  return { step, code }
}
