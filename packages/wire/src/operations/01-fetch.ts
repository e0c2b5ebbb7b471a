import { codeOf, fetch, type ResponseOf } from '@kafkado/core'
import type { FetchedPartition, FetchRequest } from '@kafkado/core/protocol'
import { described } from '@kafkado/core/internal/answers'
import { askLeaders, type ByTopic, type LedPartitions, type RoundSize } from '../cluster/ask-leaders.ts'
import type { Call } from '../cluster/call.ts'
import type { Asker } from '../connection/asker.ts'
import type { Cluster } from '../cluster/cluster.ts'
import * as messages from '@kafkado/messages'
import { LeadersWait, wholeMsUntil } from '../cluster/leaders-wait.ts'
import { throwRefusal } from '../cluster/cluster.ts'
import { saysWrongId } from '../cluster/topic-identity.ts'
import { isolationLevels } from './isolation.ts'
import { handles } from './handler.ts'
import { wholeBatches } from './batch-lengths.ts'

/**
 * Fetch (API key 1) by topic ids, so that a recreated topic with the same name returns nothing. Requests have no
 * session: each is complete, so any server can send it for anybody.
 */
export const fetchApi = messages.fetch.at(13)

type Asked = FetchRequest['topics'][number]['partitions'][number]

/** A longer poll would occupy a connection to the broker for nothing. */
const longestPollMs = 10_000
const nothing = new Uint8Array(0)
const unknownPosition = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 }

/**
 * Fetches whole batches from the leaders of the partitions. A single leader waits for records by itself. Several
 * leaders are first asked at once for existing records. Only if these are too few do they wait, until one of them has
 * records. The others continue to wait, and the next equal request joins them.
 */
export const fetchHandler = handles(fetch, async (cluster, request, call) => {
  const { clock } = call.runtime
  const { minBytes } = request
  const endMs = clock.monotonic() + Math.min(request.maxWaitMs, longestPollMs)
  let mayWait = false
  const atOnce = await askEach(cluster, call, request, (nodeId, topics, { leaders, refusals }) => {
    const waitsItself = leaders === 1 && refusals === 0
    mayWait ||= leaders > 1
    const maxWaitMs = waitsItself ? wholeMsUntil(endMs, clock) : 0
    return ask(cluster, call, { ...request, maxWaitMs }, nodeId, topics)
  })
  if (!mayWait || isEnough(atOnce.topics, minBytes) || clock.monotonic() >= endMs) return atOnce
  let bytes = 0
  const wait = new LeadersWait<FetchAnswer>(clock, endMs, {
    isEmpty: ({ topics }) => bytesIn(topics) === 0 && !hasError(topics),
    isEnough: ({ topics }) => {
      bytes += bytesIn(topics)
      return bytes >= minBytes || hasError(topics)
    },
  })
  try {
    return await askEach(cluster, call, request, (nodeId, topics) => {
      const key = JSON.stringify([nodeId, request.isolationLevel, minBytes, request.maxBytes, topics])
      const { asker } = cluster.openFetches
      const poll = (maxWaitMs: number) =>
        cluster.openFetches.join(key, () => ask(cluster, asker, { ...request, maxWaitMs }, nodeId, topics))
      return wait.for(poll, () => ({ throttleTimeMs: 0, topics: pick(atOnce.topics, topics) }))
    })
  } finally {
    wait.end()
  }
})

type FetchAnswer = { throttleTimeMs: number; topics: readonly ByTopic<FetchedPartition>[] }

async function askEach(
  cluster: Cluster,
  call: Call,
  { topics }: FetchRequest,
  askLeader: (nodeId: number, topics: LedPartitions<Asked>[], round: RoundSize) => Promise<FetchAnswer>,
) {
  const answer = await askLeaders<Asked, FetchedPartition>(cluster, call, {
    topics,
    // The caller will retry anyway. But a caller who asks by name does not know about ids, nor that our id was
    // outdated.
    isWorthAsking: (errorCode, attempt) => attempt === 1 && saysWrongId(errorCode),
    refuse: ({ partition }, error) => ({
      partition,
      ...error,
      ...unknownPosition,
      abortedTransactions: null,
      records: nothing,
    }),
    ask: askLeader,
  })
  return { ...answer, topics: inWordsOf(topics, answer.topics) }
}

/** A caller who asked by name hears that there is no such topic, and nothing about ids. */
function inWordsOf(
  asked: FetchRequest['topics'],
  topics: ResponseOf<typeof fetch>['topics'],
): ResponseOf<typeof fetch>['topics'] {
  if (!topics.some(({ partitions }) => partitions.some(({ errorCode }) => saysWrongId(errorCode)))) return topics
  const identified = new Set(asked.filter(({ topicId }) => topicId).map(({ topic }) => topic))
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) =>
      saysWrongId(partition.errorCode) && !identified.has(topic)
        ? { ...partition, ...described(codeOf('UNKNOWN_TOPIC_OR_PARTITION')) }
        : partition,
    ),
  }))
}

async function ask(
  cluster: Cluster,
  asker: Asker,
  { maxWaitMs, minBytes, maxBytes, isolationLevel }: FetchRequest,
  nodeId: number,
  topics: readonly LedPartitions<Asked>[],
): Promise<FetchAnswer> {
  const names = new Map(topics.map(({ topic, topicId }) => [topicId, topic]))
  const request = {
    replicaId: -1,
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel: isolationLevels[isolationLevel],
    sessionId: 0,
    sessionEpoch: -1,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map((partition) => ({
        ...partition,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
        logStartOffset: -1,
      })),
    })),
    forgottenTopics: [],
    rackId: '',
  }
  const response = await cluster.ask(nodeId, fetchApi, request, asker, { lane: 'longPolls' })
  throwRefusal(response.errorCode)
  return {
    throttleTimeMs: response.throttleTimeMs,
    topics: response.topics.map(({ topicId, partitions }) => ({
      topic: names.get(topicId ?? '') ?? '',
      partitions: partitions.map(({ partition, errorCode, abortedTransactions, records, ...offsets }) => ({
        partition,
        ...described(errorCode),
        highWatermark: offsets.highWatermark,
        lastStableOffset: offsets.lastStableOffset,
        logStartOffset: offsets.logStartOffset,
        abortedTransactions: isolationLevel === 'read_committed' ? (abortedTransactions ?? []) : null,
        records: records === null ? nothing : wholeBatches(records),
      })),
    })),
  }
}

function isEnough(topics: readonly ByTopic<FetchedPartition>[], minBytes: number): boolean {
  return hasError(topics) || bytesIn(topics) >= minBytes
}

function hasError(topics: readonly ByTopic<FetchedPartition>[]): boolean {
  return topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode !== 0))
}

function bytesIn(topics: readonly ByTopic<FetchedPartition>[]): number {
  let bytes = 0
  for (const { partitions } of topics) for (const { records } of partitions) bytes += records.length
  return bytes
}

/** The partitions of an earlier answer for which a leader was asked. */
function pick(
  before: readonly ByTopic<FetchedPartition>[],
  asked: readonly ByTopic<Asked>[],
): ByTopic<FetchedPartition>[] {
  return asked.map(({ topic, partitions }) => {
    const wanted = new Set(partitions.map(({ partition }) => partition))
    const found = before.find((other) => other.topic === topic)?.partitions ?? []
    return { topic, partitions: found.filter(({ partition }) => wanted.has(partition)) }
  })
}
