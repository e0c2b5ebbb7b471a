import { InvalidRequestError, type Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import { topicsOf } from '../graph/topic-patterns.ts'
import type { Subtopology, Topology } from '../graph/topology.ts'
import { commitsOf } from './noted-stores.ts'
import { countOf } from './partition-counts.ts'
import { partitionsOf } from './partitions-of.ts'
import type { Plan } from './plan.ts'

/** Of whom the internal topics are, and where. */
interface Place {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly application: string
}

/** What internal topics there have to be, and how many partitions those have that are there. */
export interface PlannedTopics {
  readonly plan: Plan
  readonly existing: ReadonlyMap<string, number>
}

/** How many partitions the internal topics of a plan have that are there. */
export function existingOf(transport: Transport, { stores, repartitions }: Plan): Promise<Map<string, number>> {
  const topics = [...stores.map(({ changelog }) => changelog), ...repartitions.map(({ topic }) => topic)]
  return partitionsOf(transport, topics)
}

export interface FoundTopics {
  /** How many partitions the topics have now, and had before. */
  readonly counts: ReadonlyMap<string, number>
  readonly before: ReadonlyMap<string, number>
  /** Whether it is known how many partitions a topic has in all. */
  readonly isTold: (topic: string) => boolean
}

/**
 * Requires that the internal topics that are there have as many partitions as the plan needs. Kafka: "existing internal
 * topic has invalid partitions".
 *
 * @throws InvalidRequestError that says what has to be done
 */
export function requireFitting(place: Place, { plan, existing }: PlannedTopics, found: FoundTopics): void {
  const { topology, names, application } = place
  const { counts, isTold } = found
  const changelogs = plan.stores.map(({ changelog: topic, partitions, name: store }) => ({ topic, partitions, store }))
  const others = plan.repartitions.filter(({ isForTasks }) => !isForTasks).map((one) => ({ ...one, store: undefined }))
  for (const { topic: internal, partitions, store } of [...changelogs, ...others]) {
    if (partitions === 0) continue
    const present = existing.get(internal) ?? partitions
    if (present === partitions) continue
    const part = topology.subtopologies.find(({ stores, sources }) =>
      store === undefined
        ? sources.some((source) => source.kind === 'repartition' && names.repartition(source) === internal)
        : stores.some(({ name }) => name === store),
    )
    const read = part ? sourcesOf(part, names, counts) : []
    // There may be more partitions than those that are known.
    if (present > partitions && !read.every((topic) => isTold(topic))) continue
    const what = store === undefined ? 'its records' : `the state of store '${store}'`
    throw new InvalidRequestError(
      `${reasonOf(read, partitions, found)}: ${what} would have to be spread over ${partitions} partitions, but` +
        ` internal topic '${internal}' has ${present}. Stop all members, and ${wayOut(application, store)}`,
    )
  }
}

/** Which topic is the reason that so many partitions are needed. */
function reasonOf(read: readonly string[], needed: number, { counts, before }: FoundTopics): string {
  const changed = read.find((topic) => counts.get(topic) !== before.get(topic))
  const topic = changed ?? read.find((one) => counts.get(one) === needed)
  if (topic === undefined) return 'its sources have other partitions now'
  const had = before.get(topic)
  const which = had === undefined ? 'and matches a pattern of the application' : `now and had ${had} before`
  return `topic '${topic}' has ${counts.get(topic)} partitions ${which}`
}

/**
 * Requires that the state of a pattern has as many partitions as the topic with the most that matches. Where that is
 * gone it stays where it is, and the others are read on. A topic that nobody has read yet may be the one that is gone,
 * made again with fewer: its records of a key would come to another partition than what was made of them.
 *
 * @param isRead whether a topic was read before, as far as the caller knows
 * @param isDropped whether a state is to be begun anew
 * @returns the changelogs of what is to be begun anew
 * @throws InvalidRequestError that says what has to be done
 */
export async function requireStateInPlace(
  { transport, topology, names, application }: Place,
  counts: ReadonlyMap<string, number>,
  isRead: (topic: string) => boolean,
  isDropped: (store: string) => boolean = () => false,
): Promise<readonly string[]> {
  const wider = topology.subtopologies.flatMap((part) => {
    const needed = Math.max(0, ...part.sources.map((source) => countOf(source, names, counts) ?? 0))
    const fresh = sourcesOf(part, names, counts).filter((topic) => !isRead(topic))
    if (names.tasks(part) === undefined || needed === 0 || fresh.length === 0) return []
    return part.stores
      .map(({ name: store }) => ({ store, changelog: names.changelog({ name: store }), fresh }))
      .map((one) => ({ ...one, present: counts.get(one.changelog) ?? 0 }))
      .filter(({ present }) => present > needed)
  })
  if (wider.length === 0) return []
  const committed = new Set((await commitsOf(transport, application)).map(({ topic }) => topic))
  const begun: string[] = []
  for (const { store, changelog, fresh, present } of wider) {
    const topic = fresh.find((one) => !committed.has(one))
    if (topic === undefined) continue
    if (!isDropped(store))
      throw new InvalidRequestError(
        `topic '${topic}' has ${counts.get(topic)} partitions, and nothing of it was read before: internal topic` +
          ` '${changelog}', which has the state of store '${store}', has ${present}, made of topics that are` +
          ` gone now. If` +
          ` '${topic}' is one of them made again, its records of a key would come to another partition than` +
          ` what is there of` +
          ` them. Make it with ${present} partitions; or stop all members, and ${wayOut(application, store)}`,
      )
    begun.push(changelog)
  }
  return begun
}

/** What a part reads, without the application's own topics. */
function sourcesOf(part: Subtopology, names: InternalNames, counts: ReadonlyMap<string, number>): readonly string[] {
  return part.sources
    .filter(({ kind }) => kind === 'source')
    .flatMap((source) => topicsOf(source, names, counts.keys()))
    .filter((topic) => counts.has(topic))
}

function wayOut(application: string, store: string | undefined): string {
  const again =
    `let it read everything again: reset it by kafkado streams reset --application '${application}', or` +
    ` give it another name`
  return store === undefined
    ? again
    : `start it once with dropState: ['${store}'], to make the state anew from the records that come then; or ${again}`
}
