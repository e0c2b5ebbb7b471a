import { KafkaError } from '@kafkado/core'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import { metadataApi, type TopicAnswer } from './metadata-api.ts'

/** A broker that is still behind after so long is not waited for: the change itself was made. */
const longestWaitMs = 5000

/**
 * Waits until every broker knows of a change, which the controller has made: each broker learns of it a little later, and whoever asks it
 * before that finds the old state.
 *
 * @param isKnownBy asks one broker
 */
export async function untilEveryBroker(
  cluster: Cluster,
  call: Call,
  isKnownBy: (nodeId: number) => Promise<boolean>,
): Promise<void> {
  const { clock } = call.runtime
  const endMs = Math.min(clock.now() + longestWaitMs, call.deadlineMs)
  await cluster.learnBrokers(call)
  const waitFor = async (nodeId: number): Promise<void> => {
    for (let attempt = 1; clock.now() < endMs && !(await isKnownBy(nodeId)); attempt++) {
      if (!(await call.pauseBefore(attempt, undefined))) return
    }
  }
  const waits = await Promise.allSettled(cluster.nodeIds.map(waitFor))
  // A broker that is away learns of it when it comes back.
  for (const wait of waits) if (wait.status === 'rejected' && !KafkaError.is(wait.reason)) throw wait.reason
}

/** @param isThere whether what a broker says of a topic is what it should be */
export async function untilTopicsAreKnown(
  cluster: Cluster,
  call: Call,
  names: readonly string[],
  isThere: (name: string, topic: TopicAnswer) => boolean,
): Promise<void> {
  if (names.length === 0) return
  const request = {
    topics: names.map((name) => ({ topicId: null, name })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  }
  await untilEveryBroker(cluster, call, async (nodeId) => {
    const { topics } = await cluster.ask(nodeId, metadataApi, request, call)
    return topics.every((topic) => isThere(topic.name ?? '', topic))
  })
  for (const name of names) cluster.metadata.forget(name)
}
