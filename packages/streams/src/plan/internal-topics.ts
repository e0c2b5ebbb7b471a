import { createAdmin } from '@kafkado/admin'
import { InvalidRequestError, type Transport } from '@kafkado/core'
import { makeInternalTopics } from './make-internal-topics.ts'
import { notedStores } from './noted-stores.ts'
import { type Orphan, orphansOf } from './own-topics.ts'
import type { Plan, PlannedStore } from './plan.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import { requireToldApart } from './told-apart.ts'

/**
 * Makes the missing internal topics.
 *
 * @throws InvalidRequestError when state of the last start would be lost, or a topic has another number of partitions
 */
export async function prepareInternalTopics(
  transport: Transport,
  plan: Plan,
  last: Plan | undefined,
  settings: StreamsSettings,
): Promise<void> {
  const { application } = settings
  const admin = createAdmin(transport)
  const topicsNow = async (): Promise<Map<string, number>> =>
    new Map((await admin.listTopics()).map(({ name, partitions }) => [name, partitions]))
  const isDropped = droppedBy(settings)
  for (const topic of await requireToldApart(transport, plan, async () => [...(await topicsNow()).keys()], isDropped))
    await admin.deleteTopic(topic)
  const existing = await topicsNow()
  const others = (await admin.listGroups()).map(({ id }) => id)
  const orphans = await orphansOf(transport, plan, last, { topics: [...existing.keys()], groups: others })
  const kept = orphans.filter(({ store }) => !isDropped(store))
  if (kept.length > 0) throw lost(application, kept, plan)
  await requireChangelogs(transport, plan, last, existing, isDropped)
  const changed = plan.stores.filter((store) => last?.stores.some((before) => isOtherShape(before, store)))
  const unreadable = changed.find(({ name }) => !isDropped(name))
  if (unreadable) throw otherShape(application, unreadable)
  for (const { changelog } of changed) {
    if (existing.delete(changelog)) await admin.deleteTopic(changelog)
  }
  for (const { topic } of orphans) await admin.deleteTopic(topic)
  await makeInternalTopics(transport, plan, existing, settings, isDropped)
}

/**
 * @throws InvalidRequestError when a changelog of the application is gone: its store would begin empty in the middle of
 *   its topics
 */
export async function requireChangelogs(
  transport: Transport,
  { application, stores }: Plan,
  last: Plan | undefined,
  existing: ReadonlyMap<string, number>,
  isDropped: (store: string) => boolean,
): Promise<void> {
  const missing = stores.filter(({ name, changelog }) => !existing.has(changelog) && !isDropped(name))
  if (missing.length === 0) return
  const noted = await notedStores(transport, application)
  if (noted.isReset) return
  // It was not made while its pattern matched no topic.
  const wasMade = ({ name }: PlannedStore): boolean =>
    last?.stores.some((before) => before.name === name && before.partitions > 0) === true
  const gone = missing.filter((store) => wasMade(store) || noted.isNoted(store.name))
  if (gone.length === 0) return
  const what = gone.map(
    ({ name, purpose, changelog }) => `store '${name}' (${purpose}), whose topic was '${changelog}'`,
  )
  throw new InvalidRequestError(
    `application '${application}' has lost the changelog of ${what.join('; ')}: ` +
      'it would continue in the middle of its sources without its former state. ' +
      'To begin with empty state all the same, start once with dropState: ' +
      `[${gone.map(({ name }) => `'${name}'`).join(', ')}]; to build it again, give the application another name`,
  )
}

/** Whether a state may begin anew when it no longer fits. */
export function droppedBy({ dropState }: Pick<StreamsSettings, 'dropState'>): (store: string) => boolean {
  return (store) => (Array.isArray(dropState) ? dropState.includes(store) : dropState === true)
}

export function isOtherShape(before: PlannedStore, now: PlannedStore): boolean {
  return before.name === now.name && (before.kind !== now.kind || before.windowSizeMs !== now.windowSizeMs)
}

function lost(application: string, orphans: readonly Orphan[], plan: Plan): InvalidRequestError {
  const what = orphans.map(
    ({ topic, store, purpose }) => `store '${store}'${purpose ? ` (${purpose})` : ''}, in topic '${topic}'`,
  )
  const now = plan.stores.map(({ name }) => `'${name}'`).join(', ') || 'none'
  return new InvalidRequestError(
    `application '${application}' would lose state: ${what.join('; ')}. Its stores are now ${now}. ` +
      'If one was renamed, give it its former name with { name }; if the state is no longer needed, ' +
      `start once with dropState: [${orphans.map(({ store }) => `'${store}'`).join(', ')}]`,
  )
}

function otherShape(application: string, { name, purpose }: PlannedStore): InvalidRequestError {
  return new InvalidRequestError(
    `application '${application}': store '${name}' was something else at the last start, and what it holds ` +
      `cannot be read as ${purpose}; give it another { name }, or start once with dropState: ['${name}']`,
  )
}
