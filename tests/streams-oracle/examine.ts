import { vectorStorages } from '../vectors/storages.ts'
import type { VectorStorage } from '../vectors/run-vector.ts'
import type { Case, Outcome } from './case.ts'
import { compare, type Comparison, isWrong } from './compare.ts'
import { runCase } from './run-case.ts'
import { withWholeStreams } from './whole-streams.ts'

/** What a case came to with the stores in one place. */
export interface Finding extends Comparison {
  readonly storage: VectorStorage
  readonly outcomes: Outcomes
}

/** What was compared; `mended` where it was asked for, because nothing else explains a difference. */
export interface Outcomes {
  readonly ours: Outcome
  readonly theirs: Outcome
  readonly mended?: Outcome
}

/** Kafka Streams, or what stands for it; without the defects of mends.ts where it `isMended`. */
export type Peer = (one: Case, options?: { isMended?: boolean }) => Promise<Outcome>

/** Asks a peer, and compares its answers with what ours make of a case wherever their stores are. */
export async function examine(given: Case, peer: Peer): Promise<Finding[]> {
  const one = withWholeStreams(given)
  const asked = peer(one)
  const findings: Finding[] = []
  for (const storage of storagesFor(one)) {
    const [ours, theirs] = await Promise.all([runCase(one, storage), asked])
    findings.push({ storage, ...(await comparison(one, { ours, theirs }, peer)) })
  }
  return findings
}

async function comparison(one: Case, outcomes: Outcomes, peer: Peer): Promise<Omit<Finding, 'storage'>> {
  const compared = compare(one, outcomes.ours, outcomes.theirs)
  if (compared.error !== undefined || !isWrong(compared)) return { outcomes, ...compared }
  const mended = await peer(one, { isMended: true })
  return { outcomes: { ...outcomes, mended }, ...compare(one, outcomes.ours, outcomes.theirs, mended) }
}

/**
 * Which of several cases are wrong with the stores in that place: for shrink, to which those that do not run are
 * nothing.
 */
export async function areWrong(given: readonly Case[], storage: VectorStorage, peer: Peer): Promise<boolean[]> {
  const cases = given.map((one) => withWholeStreams(one))
  const asked = cases.map((one) => peer(one))
  const wrong: boolean[] = []
  // One after the other, as a storage is of one run at a time.
  for (const [index, one] of cases.entries()) {
    const [ours, theirs] = await Promise.all([runCase(one, storage), asked[index] as Promise<Outcome>])
    const compared = await comparison(one, { ours, theirs }, peer)
    wrong.push(compared.error === undefined && isWrong(compared))
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
