import type { CaseOutput, Operator } from './case.ts'
import { isAlone, isOuterJoin } from './deviations.ts'
import { upstreamOf } from './upstream.ts'

/** A record that came out, of a case or of a vector. */
interface Output {
  readonly value: unknown
  readonly header?: string
}

/** What came out of a topic, with its header only where Kafka Streams and ours both give it one. */
export function withSharedHeader<One extends Output>(operators: readonly Operator[], topic: string, output: One): One {
  if (output.header === undefined) return output
  const writers = upstreamOf(operators, topic)
  // A topology of operators makes nothing else.
  const { value } = output as Pick<CaseOutput, 'value'>
  const isShared = writers.every(givesHeaders) && !(writers.some(isOuterJoin) && mayBeAlone({ value }))
  return isShared ? output : withoutHeader(output)
}

/**
 * Whether its results have headers that both give: Kafka Streams gives sessions none, and windows that are told when
 * they are over those of whatever record makes time pass.
 */
function givesHeaders(operator: Operator): boolean {
  if (operator.op !== 'aggregate' && operator.op !== 'cogroup') return true
  return operator.window?.type !== 'session' && operator.emit !== 'final'
}

/** Whether it may be of a record that met none: Kafka Streams gives it the headers of whatever makes time pass. */
function mayBeAlone(output: Pick<CaseOutput, 'value'>): boolean {
  return isAlone(output) || String(output.value).includes('~')
}

function withoutHeader<One extends Output>(output: One): One {
  const { header: _header, ...rest } = output
  return rest as One
}
