import type { Transport } from '@kafkado/core'
import { type NotedStores, notedStores } from './noted-stores.ts'
import type { Plan } from './plan.ts'

/** Names that exist on a server. */
interface Present {
  readonly topics: readonly string[]
  readonly groups: readonly string[]
}

/** The internal topics that may be an application's own, by their names. */
export interface OwnTopics {
  readonly own: readonly string[]
  /** These may also belong to an application without a group whose name begins with this one's. */
  readonly doubtful: readonly string[]
}

/** A topic with state that this version of the application does not know. */
export interface Orphan {
  readonly topic: string
  readonly store: string
  readonly purpose: string | undefined
}

const suffixes = /-(changelog|repartition)$/
/** The topics that share out tasks reading a pattern. Nothing is committed for them. */
const tasks = /^pattern-.*-tasks-repartition$/

/**
 * Finds the internal topics of an application without its topology. `a-b-totals-changelog` may belong to store
 * `b-totals` of application `a`, or to store `totals` of application `a-b`. The commits of the application's group
 * decide; a group with the longer name does, too.
 */
export async function ownTopics(transport: Transport, application: string, present: Present): Promise<OwnTopics> {
  const named = namedAs(application, present)
  if (named.length === 0) return { own: [], doubtful: [] }
  const noted = await notedStores(transport, application)
  const own = named.filter((topic) => isOwn(topic, application, noted))
  return { own, doubtful: named.filter((topic) => !own.includes(topic)) }
}

/**
 * Changelogs of this application without a store. A changelog that neither the plan of the last start nor a commit
 * names belongs to another application, or holds nothing that counts. Repartition topics do not count: once processed,
 * they hold nothing beyond their sources.
 */
export async function orphansOf(
  transport: Transport,
  { application, stores }: Plan,
  last: Plan | undefined,
  present: Present,
): Promise<Orphan[]> {
  const known = new Set(stores.map(({ changelog }) => changelog))
  const unknown = namedAs(application, present).filter((topic) => topic.endsWith('-changelog') && !known.has(topic))
  if (unknown.length === 0) return []
  const noted = await notedStores(transport, application)
  return unknown.flatMap((topic) => {
    const store = storeOf(topic, application)
    const before = last?.stores.find(({ changelog }) => changelog === topic)
    const isKept = before !== undefined || noted.isIncomplete || noted.isNoted(store)
    return isKept ? [{ topic, store, purpose: before?.purpose }] : []
  })
}

/**
 * The topics that may be an application's own by their names, without those of another application that has a group.
 */
function namedAs(application: string, { topics, groups }: Present): string[] {
  const prefix = `${application}-`
  const longer = groups.filter((group) => group.startsWith(prefix)).map((group) => `${group}-`)
  return topics
    .filter((topic) => topic.startsWith(prefix) && suffixes.test(topic))
    .filter((topic) => !longer.some((other) => topic.startsWith(other)))
}

function isOwn(topic: string, application: string, noted: NotedStores): boolean {
  if (topic.endsWith('-changelog')) return noted.isNoted(storeOf(topic, application))
  return noted.isNoted(topic) || tasks.test(topic.slice(application.length + 1))
}

function storeOf(changelog: string, application: string): string {
  return changelog.slice(application.length + 1).replace(suffixes, '')
}
