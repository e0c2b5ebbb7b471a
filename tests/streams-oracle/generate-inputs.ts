import type { Random } from '@kafkado/core'
import type { CaseInput, Operator } from './case.ts'

/** What inputs are for. */
export interface ReadBy {
  readonly topics: readonly string[]
  /** Whether time of the clock has to pass. */
  readonly hasClock: boolean
  /** Whether there is a join by a foreign key: Kafka Streams takes a right row without a byte for none there. */
  readonly hasForeignKey: boolean
}

/**
 * Draws records of few keys, with gaps, ties and late ones in time, null keys and values, and the clock where something
 * waits for it.
 */
export function generateInputs(
  random: Random,
  { topics, hasClock, hasForeignKey }: ReadBy,
  operators: readonly Operator[],
): CaseInput[] {
  const below = (limit: number): number => Math.floor(random.next() * limit)
  const chance = (probability: number): boolean => random.next() < probability
  const inputs: CaseInput[] = []
  const start = chance(0.1) ? 1_764_000_000_000 : below(30)
  // Topologies that see nothing but records in order are as common as others.
  const lateness = chance(0.35) ? 0 : 0.3
  const [edges, distances] = [operators.flatMap(edgesOf), operators.flatMap(distancesOf)]
  const inputAt = (ts: number): CaseInput => ({
    topic: topics[below(topics.length)] as string,
    key: chance(0.06) ? null : `k${below(3)}`,
    value: chance(0.12) ? null : !hasForeignKey && chance(0.05) ? '' : `${'abcdez'[below(6)]}${below(4)}`,
    ts,
    ...(chance(0.3) ? { header: `h${below(100)}` } : {}),
  })
  let time = start
  let isAtEdge = false
  for (let count = 4 + below(26); count > 0; count--) {
    if (hasClock && chance(0.25)) {
      inputs.push({ advance: 1 + below(25) })
      continue
    }
    // What is late is so most often where it is about to be too late.
    if (isAtEdge && chance(lateness * 2)) {
      isAtEdge = false
      const distance = distances[below(distances.length)] ?? 0
      inputs.push(inputAt(Math.max(0, time - distance - below(2))))
      continue
    }
    const moved = random.next()
    if (moved > 0.25) time += 1 + below(6)
    if (moved > 0.93) time += 10 + below(60)
    const edge = edges[below(edges.length)]
    isAtEdge = edge !== undefined && chance(0.3)
    if (isAtEdge) time = Math.max(time, (edge?.(time) ?? 0) + (chance(0.6) ? 0 : below(3) - 1))
    inputs.push(inputAt(chance(lateness) ? Math.max(0, time - below(35)) : time))
  }
  return inputs
}

/**
 * From a time to one at which something begins or ends that an operator goes by: what happens there is where programs
 * differ.
 */
function edgesOf(operator: Operator): ((time: number) => number)[] {
  const edges = distancesOf(operator).map((distance) => (time: number) => time + distance)
  const window = 'window' in operator ? operator.window : undefined
  if (window?.type !== 'tumbling' && window?.type !== 'hopping') return edges
  const step = window.type === 'hopping' ? window.advance : window.size
  const aligned = [step, window.size, window.size + window.grace]
  return aligned.map((distance) => (time) => Math.floor(time / step) * step + distance)
}

/** How far apart two records may be for an operator to put them together, or to still take the earlier one. */
function distancesOf(operator: Operator): number[] {
  if (operator.op === 'suppress') return operator.timeLimit === undefined ? [] : [operator.timeLimit]
  if (operator.op === 'join') {
    const { before = 0, after = 0, grace = 0 } = operator
    return [before, after, grace, before + grace, after + grace, before + after + grace]
  }
  if (!('window' in operator) || !operator.window) return []
  const { size, grace } = operator.window
  return [size, grace, grace, size + grace]
}
