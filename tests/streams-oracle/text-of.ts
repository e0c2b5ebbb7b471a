import type { CaseOutput } from './case.ts'
import type { Difference } from './compare.ts'

/** A difference for a person to read. */
export function textOf({ topic, ours, theirs }: Difference): string {
  const line = (list: readonly CaseOutput[]): string =>
    list
      .map(
        ({ step, key, value, ts, header }) =>
          `${step}: ${JSON.stringify(key)} = ${value} at ${ts}${header === undefined ? '' : ` (${header})`}`,
      )
      .join(', ')
  return `  ${topic}\n    ours:          ${line(ours)}\n    Kafka Streams: ${line(theirs)}`
}
