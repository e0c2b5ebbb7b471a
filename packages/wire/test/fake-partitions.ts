import { codeOf } from '@kafkado/core'
import { listOffsetsApi } from '../src/cluster/list-offsets-api.ts'
import { produceApi } from '../src/operations/00-produce.ts'
import { fetchApi } from '../src/operations/01-fetch.ts'
import { type FakeBroker, noAnswer } from './fake-broker.ts'
import type { FakeCluster } from './fake-cluster.ts'
import { joined } from './record-batches.ts'

/**
 * A broker's answers to requests for partitions: it stores and returns records of partitions that it leads, and refuses
 * the others.
 */

type FetchAsked = ReturnType<typeof fetchApi.request.read>
type FetchAnswer = Parameters<typeof fetchApi.response.write>[0]
type ProduceAnswer = Parameters<typeof produceApi.response.write>[0]

/** A broker's error for a partition that it does not lead. */
function refusal({ nodeId }: FakeBroker, cluster: FakeCluster, topic: string, partition: number): number {
  const known = cluster.topics.get(topic)?.partitions[partition]
  if (!known) return codeOf('UNKNOWN_TOPIC_OR_PARTITION')
  return known.leaderId === nodeId ? 0 : codeOf('NOT_LEADER_OR_FOLLOWER')
}

export function answerProduce(broker: FakeBroker, cluster: FakeCluster): void {
  broker.always(produceApi, ({ acks, topics }) => {
    const answers: ProduceAnswer['topics'] = topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, records }) => {
        const errorCode = refusal(broker, cluster, topic, partition)
        const baseOffset = errorCode === 0 ? cluster.partition(topic, partition).batches.length : -1
        if (errorCode === 0) cluster.append(topic, partition, records as Uint8Array)
        return producedAt(partition, baseOffset, errorCode)
      }),
    }))
    return acks === 0 ? noAnswer : { throttleTimeMs: 0, topics: answers }
  })
}

export function producedAt(
  partition: number,
  baseOffset: number,
  errorCode = 0,
): ProduceAnswer['topics'][number]['partitions'][number] {
  return {
    partition,
    errorCode,
    baseOffset,
    logAppendTimeMs: -1,
    logStartOffset: errorCode === 0 ? 0 : -1,
    recordErrors: [],
    errorMessage: null,
  }
}

export function answerListOffsets(broker: FakeBroker, cluster: FakeCluster): void {
  broker.always(listOffsetsApi, ({ topics }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => {
        const errorCode = refusal(broker, cluster, topic, partition)
        const offset = errorCode === 0 ? cluster.partition(topic, partition).batches.length : -1
        return { partition, errorCode, timestamp: -1, offset, leaderEpoch: -1 }
      }),
    })),
  }))
}

/**
 * Answers like a broker: at once with enough records or an error, otherwise when enough have arrived or the time is up.
 */
export function answerFetch(broker: FakeBroker, cluster: FakeCluster): void {
  broker.always(fetchApi, async (request) => {
    const answer = (): FetchAnswer => fetched(broker, cluster, request)
    if (request.maxWaitMs > 0) await enough(cluster, request, answer)
    return answer()
  })
}

function fetched(broker: FakeBroker, cluster: FakeCluster, { topics }: FetchAsked): FetchAnswer {
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    sessionId: 0,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition, fetchOffset }) => {
        const topic = [...cluster.topics.values()].find((other) => other.topicId === topicId)?.name
        if (topic === undefined) return fetchedFrom(partition, new Uint8Array(0), 0, codeOf('UNKNOWN_TOPIC_ID'))
        const errorCode = refusal(broker, cluster, topic, partition)
        const batches = errorCode === 0 ? cluster.partition(topic, partition).batches : []
        return fetchedFrom(partition, joined(...batches.slice(fetchOffset)), batches.length, errorCode)
      }),
    })),
  }
}

export function fetchedFrom(
  partition: number,
  records: Uint8Array,
  end: number,
  errorCode = 0,
): FetchAnswer['topics'][number]['partitions'][number] {
  return {
    partition,
    errorCode,
    highWatermark: errorCode === 0 ? end : -1,
    lastStableOffset: errorCode === 0 ? end : -1,
    logStartOffset: errorCode === 0 ? 0 : -1,
    abortedTransactions: null,
    preferredReadReplica: -1,
    records,
  }
}

function enough(cluster: FakeCluster, { maxWaitMs, minBytes }: FetchAsked, answer: () => FetchAnswer): Promise<void> {
  const isEnough = (): boolean => {
    const partitions = answer().topics.flatMap((topic) => topic.partitions)
    const bytes = partitions.reduce((sum, { records }) => sum + (records?.length ?? 0), 0)
    return bytes >= minBytes || partitions.some(({ errorCode }) => errorCode !== 0)
  }
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel()
      stop()
      resolve()
    }
    const timer = cluster.clock.schedule(maxWaitMs, end)
    const look = (): void => {
      if (isEnough()) end()
    }
    const stop = cluster.changes.listen(look)
    look()
  })
}
