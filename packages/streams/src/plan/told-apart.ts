import { describeTopic } from '@kafkado/admin'
import { InvalidRequestError, TopicNotFoundError, type Transport } from '@kafkado/core'
import type { PositionalName } from '../graph/graph.ts'
import { commitsOf } from './noted-stores.ts'
import type { Plan } from './plan.ts'

/** State, or an internal topic, that only its place in the topology tells from others. */
interface Placed {
  readonly name: string
  readonly topic: string
  readonly purpose: string
  readonly position: PositionalName
}

interface Mixed {
  readonly planned: readonly Placed[]
  readonly present: readonly { readonly name: string; readonly topic: string }[]
}

const kinds = ['changelog', 'repartition'] as const

/**
 * Requires that parts with a default name have kept their place. Of two counts, only the number tells the second from
 * the first; if one is inserted before them or removed, each would continue with the state of another.
 *
 * @param topicsNow gives the existing topics; asked again before a refusal, because another member may be making them
 * @param isDropped whether a state may begin anew
 * @returns the topics of state that begins anew
 * @throws InvalidRequestError that says what would be mixed up
 */
export async function requireToldApart(
  transport: Transport,
  plan: Plan,
  topicsNow: () => Promise<readonly string[]>,
  isDropped: (name: string) => boolean,
): Promise<readonly string[]> {
  const found = await moved(transport, plan, await topicsNow())
  if (found.length === 0) return []
  const { length } = found.filter(({ present }) => !present.every(({ name }) => isDropped(name)))
  if (length === 0) return found.flatMap(({ present }) => present.map(({ topic }) => topic))
  const still = await moved(transport, plan, await topicsNow())
  const refused = still.filter(({ present }) => !present.every(({ name }) => isDropped(name)))
  if (refused.length > 0) throw mixedUp(plan.application, refused)
  return still.flatMap(({ present }) => present.map(({ topic }) => topic))
}

/** Non-empty topics whose number in the plan has changed. */
async function moved(transport: Transport, plan: Plan, topics: readonly string[]): Promise<Mixed[]> {
  const moved: Mixed[] = []
  for (const kind of kinds) {
    const all = placedOf(plan, kind)
    const taken = new Set(kind === 'changelog' ? plan.stores.map(({ name }) => name) : all.map(({ name }) => name))
    for (const planned of groupsOf(all)) {
      const { base, suffix } = (planned[0] as Placed).position
      const own = new Set(planned.map(({ name }) => name))
      const present = topics.flatMap((topic) => {
        const name = nameIn(topic, plan.application, kind)
        const isOfGroup = name !== undefined && isNumbered(name, base, suffix) && (own.has(name) || !taken.has(name))
        return isOfGroup ? [{ name, topic }] : []
      })
      const isSame = present.length === planned.length && present.every(({ name }) => own.has(name))
      if (present.length > 0 && !isSame && (await holdAnything(transport, plan.application, kind, present)))
        moved.push({ planned, present })
    }
  }
  return moved
}

function placedOf(plan: Plan, kind: (typeof kinds)[number]): Placed[] {
  const all =
    kind === 'changelog'
      ? plan.stores.map(({ name, changelog, purpose, position }) => ({ name, topic: changelog, purpose, position }))
      : plan.repartitions.map(({ topic, reason, position }) => {
          const name = nameIn(topic, plan.application, kind) as string
          return { name, topic, purpose: reason, position }
        })
  return all.filter((one): one is Placed => one.position !== undefined)
}

function groupsOf(placed: readonly Placed[]): Iterable<readonly Placed[]> {
  return Map.groupBy(placed, ({ position }) => JSON.stringify([position.base, position.suffix])).values()
}

function nameIn(topic: string, application: string, kind: string): string | undefined {
  const [prefix, end] = [`${application}-`, `-${kind}`]
  return topic.startsWith(prefix) && topic.endsWith(end) ? topic.slice(prefix.length, -end.length) : undefined
}

function isNumbered(name: string, base: string, suffix: string): boolean {
  if (!name.startsWith(base) || !name.endsWith(suffix)) return false
  return /^(-([2-9]|[1-9]\d+))?$/.test(name.slice(base.length, name.length - suffix.length))
}

/** Whether there is any state, or unprocessed records in an internal topic. */
async function holdAnything(
  transport: Transport,
  application: string,
  kind: (typeof kinds)[number],
  topics: readonly { readonly topic: string }[],
): Promise<boolean> {
  const commits = kind === 'changelog' ? [] : await commitsOf(transport, application)
  for (const { topic } of topics) {
    try {
      const { offsets } = await describeTopic(transport, topic)
      const processed = new Map(
        commits
          .filter((one) => one.topic === topic)
          .map(({ partition, committedOffset }) => [partition, committedOffset]),
      )
      if (offsets.some(({ partition, latest }) => latest > Math.max(processed.get(partition) ?? 0, 0))) return true
    } catch (error) {
      if (!TopicNotFoundError.is(error)) throw error
    }
  }
  return false
}

function mixedUp(application: string, all: readonly Mixed[]): InvalidRequestError {
  const what = all.map(({ planned, present }) => {
    const now = planned.map(({ name, purpose }) => `'${name}' (${purpose})`).join(' and ')
    const before = present.map(({ name, topic }) => `'${name}' in topic '${topic}'`).join(' and ')
    return `the topology has ${now}, and there is state of ${before}`
  })
  const names = all.flatMap(({ present }) => present.map(({ name }) => `'${name}'`))
  return new InvalidRequestError(
    `application '${application}' would mix up state without a name, which only its place in the topology ` +
      `identifies: ${what.join('; ')}. Give each operator a { name }, and use the existing name for the ` +
      `operator that made the state; or start once with dropState: [${names.join(', ')}] to begin all of ` +
      'them anew. The former version of the application can still process unprocessed records',
  )
}
