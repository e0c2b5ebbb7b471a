import { readFileSync } from 'node:fs'
import { compare, isWrong } from './compare.ts'
import type { Outcomes } from './examine.ts'
import { generateCase } from './generate-case.ts'
import { textOf } from './text-of.ts'
import { withWholeStreams } from './whole-streams.ts'

/** What came out of a case that differs, as `--json` keeps it. */
export interface Recorded extends Outcomes {
  readonly seed: number
  readonly storage: string
}

/** Judges what an earlier run has kept by the rules of now. @returns how many differences nothing explains */
export function judgeAgain(file: string): number {
  const { differing } = JSON.parse(readFileSync(file, 'utf8')) as { differing: Recorded[] }
  const known: Record<string, number> = {}
  let wrong = 0
  for (const { seed, storage, ours, theirs, mended } of differing) {
    const compared = compare(withWholeStreams(generateCase(seed)), ours, theirs, mended)
    for (const { deviation } of compared.differences)
      if (deviation !== undefined) known[deviation] = (known[deviation] ?? 0) + 1
    if (!isWrong(compared)) continue
    wrong++
    console.log(`DIFFERS: seed ${seed}, stores: ${storage}${compared.error === undefined ? '' : `: ${compared.error}`}`)
    for (const difference of compared.differences)
      if (difference.deviation === undefined) console.log(textOf(difference))
  }
  for (const [name, times] of Object.entries(known)) console.log(`known: ${name}, ${times} times`)
  console.log(`${differing.length} cases with differences, ${wrong} that nothing explains`)
  return wrong
}
