import { vectorStorages } from '../vectors/storages.ts'
import type { VectorStorage } from '../vectors/run-vector.ts'
import type { Case, Outcome } from './case.ts'
import { compare, type Comparison, isWrong } from './compare.ts'
import { runCase } from './run-case.ts'

/** What a case came to with the stores in one place. */
export interface Finding extends Comparison {
  readonly storage: VectorStorage
}

/**
 * Asks a peer, which is Kafka Streams, and compares its answer with what ours make of a case wherever their stores are.
 */
export async function examine(one: Case, peer: (one: Case) => Promise<Outcome>): Promise<Finding[]> {
  const asked = peer(one)
  const findings: Finding[] = []
  for (const storage of storagesFor(one)) {
    const [ours, theirs] = await Promise.all([runCase(one, storage), asked])
    findings.push({ storage, ...compare(one, ours, theirs) })
  }
  return findings
}

/**
 * Which of several cases are wrong with the stores in that place: for shrink, to which those that do not run are
 * nothing.
 */
export async function areWrong(
  cases: readonly Case[],
  storage: VectorStorage,
  peer: (one: Case) => Promise<Outcome>,
): Promise<boolean[]> {
  const asked = cases.map(peer)
  const wrong: boolean[] = []
  // One after the other, as a storage is of one run at a time.
  for (const [index, one] of cases.entries()) {
    const [ours, theirs] = await Promise.all([runCase(one, storage), asked[index] as Promise<Outcome>])
    const comparison = compare(one, ours, theirs)
    wrong.push(comparison.error === undefined && isWrong(comparison))
  }
  return wrong
}

/**
 * In memory always; after a restart before each input, unless something is scheduled, which a restart schedules anew;
 * and now and then on a disk, which takes time.
 */
function storagesFor({ seed, operators }: Case): VectorStorage[] {
  const isScheduled = operators.some((one) => one.op === 'process' && one.every !== undefined)
  return vectorStorages.filter(({ name }) => {
    if (name === 'restarted') return !isScheduled
    return name === 'memory' || seed % 10 === 0
  })
}
