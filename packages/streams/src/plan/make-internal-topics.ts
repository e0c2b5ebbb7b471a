import { type Admin, createAdmin } from '@kafkado/admin'
import { AlreadyExistsError, InvalidRequestError, isKafkaError, type Transport } from '@kafkado/core'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import type { Plan } from './plan.ts'

interface Wanted {
  readonly topic: string
  readonly partitions: number
  readonly mayGrow: boolean
  readonly config: Record<string, string>
}

/**
 * Makes the missing internal topics with a known number of partitions.
 *
 * @param existing the numbers of partitions of existing topics
 * @param isDropped whether a state may begin anew
 * @throws InvalidRequestError when a topic has another number of partitions
 */
export async function makeInternalTopics(
  transport: Transport,
  plan: Plan,
  existing: ReadonlyMap<string, number>,
  { replicationFactor }: Pick<StreamsSettings, 'replicationFactor'>,
  isDropped: (store: string) => boolean = () => false,
): Promise<void> {
  const admin = createAdmin(transport)
  const copies = replicationFactor === undefined ? {} : { replicationFactor }
  for (const { topic, partitions, mayGrow, config } of wantedBy(plan)) {
    const store = plan.stores.find(({ changelog }) => changelog === topic)?.name
    let present = existing.get(topic)
    if (present !== undefined && present !== partitions && store !== undefined && isDropped(store)) {
      await admin.deleteTopic(topic)
      present = undefined
    }
    if (present !== undefined && mayGrow) {
      if (present < partitions) await growTasks(admin, topic, partitions)
    } else if (present !== undefined && present !== partitions) throw otherCount(topic, present, partitions, store)
    if (present !== undefined) continue
    try {
      await admin.createTopic(topic, { partitions, config, ...copies })
    } catch (error) {
      // Another member of the application was faster.
      if (!AlreadyExistsError.is(error)) throw error
    }
  }
}

/** Gives more partitions to the topic that shares out tasks. */
export async function growTasks(admin: Pick<Admin, 'alterTopic'>, topic: string, partitions: number): Promise<void> {
  try {
    await admin.alterTopic(topic, { partitions })
  } catch (error) {
    // Another member of the application was faster.
    if (!isKafkaError(error, 'INVALID_PARTITIONS')) throw error
  }
}

function wantedBy({ stores, repartitions }: Plan): Wanted[] {
  const wanted = [
    ...stores.map(({ changelog, partitions }) => ({
      topic: changelog,
      partitions,
      mayGrow: false,
      config: { 'cleanup.policy': 'compact' },
    })),
    // Processed records are deleted, so no retention by age is needed; their age is that of the original records.
    ...repartitions.map(({ topic, partitions, isForTasks = false }) => ({
      topic,
      partitions,
      mayGrow: isForTasks,
      config: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
    })),
  ]
  return wanted.filter(({ partitions }) => partitions > 0)
}

function otherCount(topic: string, present: number, wanted: number, store: string | undefined): InvalidRequestError {
  const drop = store === undefined ? '' : `, start once with dropState: ['${store}']`
  return new InvalidRequestError(
    `internal topic '${topic}' has ${present} partitions, but the topology now needs ${wanted}: ` +
      'records of a key would be looked for in another partition than where they are. ' +
      `Bring the sources back to ${present} partitions${drop}, or give the application another name`,
  )
}
