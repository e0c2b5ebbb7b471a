import type { Timer } from '@kafkado/core'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import { listOffsetsApi } from './list-offsets-api.ts'
import { metadataApi, type TopicAnswer } from './metadata-api.ts'

/** Stop waiting for a broker that still lags behind after this time: the change itself was made. */
const longestWaitMs = 5000
/** The answer has to arrive before the caller gives up. */
const marginMs = 500
const latest = -1

/**
 * Waits until every broker knows a change by the controller. Brokers learn of it one by one, and would otherwise answer
 * with the old state.
 *
 * @param isKnownBy asks one broker
 */
export async function untilEveryBroker(
  cluster: Cluster,
  call: Call,
  isKnownBy: (nodeId: number) => Promise<boolean>,
): Promise<void> {
  const { clock } = call.runtime
  const endMs = Math.min(clock.monotonic() + longestWaitMs, call.deadlineMs - marginMs)
  await cluster.learnBrokers(call)
  const waitFor = async (nodeId: number): Promise<void> => {
    for (let attempt = 1; clock.monotonic() < endMs && !(await isKnownBy(nodeId)); attempt++)
      await call.pause(attempt, undefined)
  }
  // A broker that is away learns of the change when it comes back, and one that does not answer does not matter.
  const waits = Promise.all(cluster.nodeIds.map((nodeId) => waitFor(nodeId).catch(() => undefined)))
  let timer: Timer | undefined
  const timeIsUp = new Promise<void>((resolve) => {
    timer = clock.schedule(endMs - clock.monotonic(), resolve)
  })
  await Promise.race([waits, timeIsUp])
  timer?.cancel()
  call.signal.throwIfAborted()
}

/** @param isThere whether a broker's state of a topic is the new one */
export async function untilTopicsAreKnown(
  cluster: Cluster,
  call: Call,
  names: readonly string[],
  isThere: (name: string, topic: TopicAnswer) => boolean,
): Promise<void> {
  if (names.length === 0) return
  await untilEveryBroker(cluster, call, async (nodeId) =>
    (await describe(cluster, call, nodeId, names)).every((topic) => isThere(topic.name ?? '', topic)),
  )
  for (const name of names) cluster.metadata.forget(name)
}

/**
 * Waits until every broker knows topics that were created or got new partitions, and serves the partitions that it
 * leads, which takes a little longer.
 */
export async function untilTopicsServe(
  cluster: Cluster,
  call: Call,
  names: readonly string[],
  isThere: (name: string, topic: TopicAnswer) => boolean = () => true,
): Promise<void> {
  if (names.length === 0) return
  await untilEveryBroker(cluster, call, async (nodeId) => {
    const topics = await describe(cluster, call, nodeId, names)
    const isKnown = topics.every(
      (topic) =>
        topic.errorCode === 0 &&
        topic.partitions.every(({ leaderId }) => leaderId >= 0) &&
        isThere(topic.name ?? '', topic),
    )
    return isKnown && serves(cluster, call, nodeId, topics)
  })
  for (const name of names) cluster.metadata.forget(name)
}

async function describe(
  cluster: Cluster,
  call: Call,
  nodeId: number,
  names: readonly string[],
): Promise<TopicAnswer[]> {
  const request = {
    topics: names.map((name) => ({ topicId: null, name })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  }
  return (await cluster.ask(nodeId, metadataApi, request, call)).topics
}

async function serves(cluster: Cluster, call: Call, nodeId: number, topics: readonly TopicAnswer[]): Promise<boolean> {
  const led = topics
    .map(({ name, partitions }) => ({
      topic: name ?? '',
      partitions: partitions
        .filter(({ leaderId }) => leaderId === nodeId)
        .map(({ partition }) => ({ partition, currentLeaderEpoch: -1, timestamp: latest })),
    }))
    .filter(({ partitions }) => partitions.length > 0)
  if (led.length === 0) return true
  const request = { replicaId: -1, isolationLevel: 0, topics: led }
  const response = await cluster.ask(nodeId, listOffsetsApi, request, call)
  return response.topics.every(({ partitions }) => partitions.every(({ errorCode }) => errorCode === 0))
}
