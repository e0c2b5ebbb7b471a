import { codeOf } from '@kafkado/core'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import { untilTopicsServe } from './until-known.ts'

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')
const leaderNotAvailable = codeOf('LEADER_NOT_AVAILABLE')
/** With the pauses in between, a little over a second. */
const mostAttempts = 7

/**
 * Looks up topics, and creates the missing ones if the cluster does that on first use.
 *
 * @returns the error codes of topics that stay unknown
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
  const made = await askUntilMade(cluster, absent, call)
  await untilTopicsServe(cluster, call, made)
  return metadata.learn(names, call)
}

/** A topic that is being created looks like a missing one for a moment, so wait for it, but not for long. */
async function askUntilMade(cluster: Cluster, names: readonly string[], call: Call): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const { topics } = await cluster.metadata.askFor(names, call, true)
    const isOpen = topics.some(({ errorCode }) => errorCode === unknownTopic || errorCode === leaderNotAvailable)
    if (!isOpen || attempt === mostAttempts || !(await call.pauseBefore(attempt, undefined)))
      return topics.filter(({ errorCode }) => errorCode === 0).map(({ name }) => name ?? '')
  }
}
