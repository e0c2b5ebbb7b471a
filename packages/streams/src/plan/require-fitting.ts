import { InvalidRequestError, type Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import { topicsOf } from '../graph/topic-patterns.ts'
import type { Subtopology, Topology } from '../graph/topology.ts'
import { commitsOf } from './noted-stores.ts'
import { countOf } from './partition-counts.ts'
import { partitionsOf } from './partitions-of.ts'
import type { Plan } from './plan.ts'

/** The application and server of internal topics. */
interface Place {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly application: string
}

/** The internal topics that must exist, and the numbers of partitions of the existing ones. */
export interface PlannedTopics {
  readonly plan: Plan
  readonly existing: ReadonlyMap<string, number>
}

/** The numbers of partitions of a plan's existing internal topics. */
export function existingOf(transport: Transport, { stores, repartitions }: Plan): Promise<Map<string, number>> {
  const topics = [...stores.map(({ changelog }) => changelog), ...repartitions.map(({ topic }) => topic)]
  return partitionsOf(transport, topics)
}

export interface FoundTopics {
  /** The numbers of partitions, now and before. */
  readonly counts: ReadonlyMap<string, number>
  readonly before: ReadonlyMap<string, number>
  /** Whether the number of partitions of a topic is known. */
  readonly isTold: (topic: string) => boolean
}

/**
 * Requires existing internal topics to have the planned numbers of partitions. Kafka: "existing internal topic has
 * invalid partitions".
 *
 * @throws InvalidRequestError that says what to do
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
    // There may be more partitions than the known ones.
    if (present > partitions && !read.every((topic) => isTold(topic))) continue
    const what = store === undefined ? 'its records' : `the state of store '${store}'`
    throw new InvalidRequestError(
      `${reasonOf(read, partitions, found)}: ${what} would have to be spread over ${partitions} partitions, ` +
        `but internal topic '${internal}' has ${present}. Stop all members, and ${wayOut(application, store)}`,
    )
  }
}

/** Names the topic that needs so many partitions. */
function reasonOf(read: readonly string[], needed: number, { counts, before }: FoundTopics): string {
  const changed = read.find((topic) => counts.get(topic) !== before.get(topic))
  const topic = changed ?? read.find((one) => counts.get(one) === needed)
  if (topic === undefined) return 'its sources have other partitions now'
  const had = before.get(topic)
  const which = had === undefined ? 'and matches a pattern of the application' : `now and had ${had} before`
  return `topic '${topic}' has ${counts.get(topic)} partitions ${which}`
}

/**
 * Requires the state behind a pattern to have as many partitions as the largest matching topic. If that topic is gone,
 * the state stays in its partitions and the other topics are read as before. A topic that nobody has read yet may
 * replace a deleted one, with fewer partitions: its records of a key would then get to another partition than the key's
 * state.
 *
 * @param isRead whether a topic was read before, as far as the caller knows
 * @param isDropped whether a state may begin anew
 * @returns the changelogs of state that begins anew
 * @throws InvalidRequestError that says what to do
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
        `topic '${topic}' has ${counts.get(topic)} partitions, and nothing of it was read before: ` +
          `internal topic '${changelog}', which has the state of store '${store}', has ${present}, ` +
          `made of topics that are gone now. If '${topic}' is one of them made again, ` +
          'its records of a key would get to another partition than the state of that key. ' +
          `Make it with ${present} partitions; or stop all members, and ${wayOut(application, store)}`,
      )
    begun.push(changelog)
  }
  return begun
}

/** The topics that a part reads, without the application's own. */
function sourcesOf(part: Subtopology, names: InternalNames, counts: ReadonlyMap<string, number>): readonly string[] {
  return part.sources
    .filter(({ kind }) => kind === 'source')
    .flatMap((source) => topicsOf(source, names, counts.keys()))
    .filter((topic) => counts.has(topic))
}

function wayOut(application: string, store: string | undefined): string {
  const again =
    `let it read everything again: reset it by kafkado streams reset --application '${application}', ` +
    'or give it another name'
  return store === undefined
    ? again
    : `start it once with dropState: ['${store}'], to make the state anew from the records that come then; or ${again}`
}
