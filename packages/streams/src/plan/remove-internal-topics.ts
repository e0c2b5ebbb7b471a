import { createAdmin } from '@kafkado/admin'
import type { Transport } from '@kafkado/core'
import type { Plan } from './plan.ts'

/** Removes everything that an ephemeral application has made on the server: nobody continues it. Does not fail. */
export async function removeInternalTopics(
  transport: Transport,
  { application, stores, repartitions }: Plan,
): Promise<void> {
  const admin = createAdmin(transport)
  const topics = [...stores.map(({ changelog }) => changelog), ...repartitions.map(({ topic }) => topic)]
  await Promise.allSettled([...topics.map((topic) => admin.deleteTopic(topic)), admin.deleteGroup(application)])
}
