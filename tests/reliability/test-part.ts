import { expect } from 'vitest'
import type { Part, Report, Sized } from './report.ts'

/** Long enough for CI's size of a part on a machine that is busy. */
export const partTimeoutMs = 1_800_000

/**
 * Runs a part of the scorecard as a test, at the size that suits where it runs.
 *
 * @param happened what has to have happened, by the names of its counts
 */
export async function testPart<Size extends Sized>(part: Part<Size>, happened: readonly string[]): Promise<Report> {
  const report = await part.run(process.env['CI'] ? part.sizes.ci : part.sizes.quick)
  const { counts, violations, seeds } = report
  expect(violations).toEqual([])
  for (const what of happened) expect(counts[what], what).toBeGreaterThan(0)
  console.log(`seeds ${seeds}: ${JSON.stringify(counts)}`)
  return report
}
