import type { Transport } from '@kafkado/core'
import { type NotedStores, notedStores } from './noted-stores.ts'
import type { Plan } from './plan.ts'

/** What there is on a server, by names. */
interface Present {
  readonly topics: readonly string[]
  readonly groups: readonly string[]
}

/** The internal topics that may be an application's own, by their names. */
export interface OwnTopics {
  readonly own: readonly string[]
  /** Nothing tells these from topics of an application whose name begins with that of this one, which has no group. */
  readonly doubtful: readonly string[]
}

/** Topics that hold state which this version of the application does not know. */
export interface Orphan {
  readonly topic: string
  readonly store: string
  readonly purpose: string | undefined
}

const suffixes = /-(changelog|repartition)$/
/** What members share tasks by that read a pattern: nothing is committed of it. */
const tasks = /^pattern-.*-tasks-repartition$/

/**
 * The internal topics of an application whose topology is not at hand: `a-b-totals-changelog` may be that of store
 * `b-totals` of application `a`, or of store `totals` of application `a-b`. What the group of the application has
 * committed tells; a group by the longer name does, too.
 */
export async function ownTopics(transport: Transport, application: string, present: Present): Promise<OwnTopics> {
  const named = namedAs(application, present)
  if (named.length === 0) return { own: [], doubtful: [] }
  const noted = await notedStores(transport, application)
  const own = named.filter((topic) => isOwn(topic, application, noted))
  return { own, doubtful: named.filter((topic) => !own.includes(topic)) }
}

/**
 * Changelogs of this application that none of its stores belongs to. One that neither the plan of the last start names
 * nor a commit is another application's, or holds nothing that counts. Repartition topics hold nothing that is not in
 * their sources, once it is processed.
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

/** Those that by their names may be an application's own, without those of another one that has a group. */
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
