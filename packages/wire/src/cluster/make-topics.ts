import { codeOf } from '@kafkado/core'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import { untilTopicsServe } from './until-known.ts'

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')
const leaderNotAvailable = codeOf('LEADER_NOT_AVAILABLE')

/**
 * Finds out about topics, and makes those that do not exist, where the cluster does that on first use.
 *
 * @returns the error codes of those that stay unknown
 */
export async function learnOrMake(
  cluster: Cluster,
  names: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, number>> {
  const { metadata } = cluster
  const errors = await metadata.learn(names, call)
  const absent = [...errors].filter(([, errorCode]) => errorCode === unknownTopic).map(([name]) => name)
  if (absent.length === 0) return errors
  const { topics } = await metadata.askFor(absent, call, true)
  // That leaders are missing says that the topic is being made. Where topics are not made, it is unknown as before.
  const making = topics.filter(({ errorCode }) => errorCode === 0 || errorCode === leaderNotAvailable)
  await untilTopicsServe(
    cluster,
    call,
    making.map(({ name }) => name ?? ''),
  )
  return metadata.learn(names, call)
}
