import type { Random } from '@kafkado/core'
import type { CaseInput } from './case.ts'

/** What inputs are for. */
export interface ReadBy {
  readonly topics: readonly string[]
  /** Whether time of the clock has to pass. */
  readonly hasClock: boolean
  /** Whether there is a join by a foreign key: Kafka Streams takes a right row without a byte for none there. */
  readonly hasForeignKey: boolean
}

/** Draws records of few keys, with gaps, ties and late ones in time, null keys and values, and the clock where something waits for it. */
export function generateInputs(random: Random, { topics, hasClock, hasForeignKey }: ReadBy): CaseInput[] {
  const below = (limit: number): number => Math.floor(random.next() * limit)
  const chance = (probability: number): boolean => random.next() < probability
  const inputs: CaseInput[] = []
  const start = chance(0.1) ? 1_764_000_000_000 : below(30)
  // Topologies that see nothing but records in order are as common as others.
  const lateness = chance(0.35) ? 0 : 0.3
  let time = start
  for (let count = 4 + below(26); count > 0; count--) {
    if (hasClock && chance(0.25)) {
      inputs.push({ advance: 1 + below(25) })
      continue
    }
    const moved = random.next()
    if (moved > 0.25) time += 1 + below(6)
    if (moved > 0.93) time += 10 + below(60)
    const ts = chance(lateness) ? Math.max(0, time - below(35)) : time
    const value = chance(0.12) ? null : !hasForeignKey && chance(0.05) ? '' : `${'abcdez'[below(6)]}${below(4)}`
    inputs.push({
      topic: topics[below(topics.length)] as string,
      key: chance(0.06) ? null : `k${below(3)}`,
      value,
      ts,
      ...(chance(0.3) ? { header: `h${count}` } : {}),
    })
  }
  return inputs
}
