import type { Case, CaseOutput, Operator, Outcome } from './case.ts'
import { deviationOf } from './deviations.ts'
import { outputTopics } from './build-topology.ts'
import { withSharedHeader } from './headers.ts'
import { nameOfMends } from './mends.ts'
import { type Disagreement, without } from './results.ts'
import { upstreamOf } from './upstream.ts'
import { inBetween, tellsInBetween } from './whole-streams.ts'

/** Where we differ from Kafka Streams: in what a step of a case wrote to a topic. */
export interface Difference {
  readonly topic: string
  readonly ours: readonly CaseOutput[]
  readonly theirs: readonly CaseOutput[]
  /** The name of the deviation that explains it, of those in deviations.ts and mends.ts. */
  readonly deviation: string | undefined
}

export interface Comparison {
  readonly differences: readonly Difference[]
  /** Why one of both did not run, where the other did, or that neither did. */
  readonly error: string | undefined
}

/**
 * Compares what came out. Of each topic, what each input caused has to be the same records: key, value, time, and the
 * header where both give one. The records of a key are in the same order; among keys neither promises one.
 * Of a join by foreign key whose left rows have come through an internal topic it is the last of a key alone: what it
 * was in between is told or not, as one task is ahead of the other. The last is that of the whole stream, before a
 * filter or a split.
 *
 * @param mended what Kafka Streams makes of it without the defects of mends.ts. What ours differs in has to be the same
 *   there, or to differ from it by a deviation.
 */
export function compare(
  { operators, inputs }: Pick<Case, 'operators' | 'inputs'>,
  ours: Outcome,
  theirs: Outcome,
  mended?: Outcome,
): Comparison {
  if ('error' in ours || 'error' in theirs) {
    const what = [
      ...('error' in ours ? [`ours: ${ours.error}`] : []),
      ...('error' in theirs ? [`Kafka Streams: ${theirs.error}`] : []),
    ]
    return { differences: [], error: what.join(' — ') }
  }
  const differences = outputTopics(operators).flatMap((topic): Difference[] => {
    const writers = upstreamOf(operators, topic)
    const [own, other] = [ours, theirs].map(({ outputs }) => comparableOf(operators, topic, outputs)) as [Told, Told]
    if (inOrder(own.compared) === inOrder(other.compared)) return []
    const disagreement = { operators, writers, inputs, ours: own.compared, theirs: other.compared }
    const deviation = deviationOf(disagreement) ?? mendedDeviationOf(disagreement, topic, mended)
    return [{ topic, ours: own.all, theirs: other.all, deviation }]
  })
  return { differences, error: undefined }
}

/** What was told to a topic, and what of it is compared. */
interface Told {
  readonly all: readonly CaseOutput[]
  readonly compared: readonly CaseOutput[]
}

function comparableOf(operators: readonly Operator[], topic: string, outputs: readonly CaseOutput[]): Told {
  const comparable = (output: CaseOutput): CaseOutput => withSharedHeader(operators, topic, output)
  const all = outputs.filter(({ out }) => out === topic).map(comparable)
  if (!tellsInBetween(operators, topic)) return { all, compared: all }
  const left = inBetween(operators, topic, outputs).map(comparable)
  return { all, compared: without(all, left, (output) => JSON.stringify({ ...output, out: topic })) }
}

/** What explains a disagreement where Kafka Streams without its defects agrees, or has reasons of its own not to. */
function mendedDeviationOf(disagreement: Disagreement, topic: string, mended?: Outcome): string | undefined {
  const { operators, writers, ours } = disagreement
  const name = nameOfMends(writers)
  if (name === undefined || mended === undefined || 'error' in mended) return undefined
  const { compared: theirs } = comparableOf(operators, topic, mended.outputs)
  if (inOrder(ours) === inOrder(theirs)) return name
  const other = deviationOf({ ...disagreement, theirs })
  return other === undefined ? undefined : `${name}, ${other}`
}

/** Whether a difference is left that nothing explains. */
export function isWrong({ differences, error }: Comparison): boolean {
  return error !== undefined || differences.some(({ deviation }) => deviation === undefined)
}

/** Step by step, and within one by key. */
export function inOrder(outputs: readonly CaseOutput[]): string {
  const keyed = outputs.map(({ step, key, value, ts, header }) => ({
    step,
    key: JSON.stringify(key),
    content: JSON.stringify([step, key, value, ts, header ?? null]),
  }))
  keyed.sort((one, other) => one.step - other.step || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
  return keyed.map(({ content }) => content).join('\n')
}
