import {
  capabilities,
  describeConfigs,
  describeGroups,
  describeProducers,
  describeTransactions,
  fetch,
  listGroups,
  listOffsets,
  listTransactions,
  metadata,
  offsetFetch,
  offsetForLeaderEpoch,
  type Transport,
} from '@kafkado/core'
import { recordBatchesIn } from '@kafkado/core/internal'
import { readAll } from '@kafkado/testing/conformance'

/** The order of a list means nothing. */
const sorted = <T>(items: readonly T[], key: (item: T) => string | number): T[] =>
  [...items].sort((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0))

const levels = ['read_uncommitted', 'read_committed'] as const

/**
 * Everything that an engine can be asked, as plain data that can be compared and stored: its topics, logs with their
 * records, producers, groups, offsets and transactions.
 *
 * @param timestamps the times to look records up by
 */
export async function askedState(transport: Transport, timestamps: readonly number[]): Promise<unknown> {
  const { clusterId, topics } = await transport.send(metadata, { topics: null, allowAutoTopicCreation: false })
  const known = sorted(topics, ({ topic }) => topic)
  const partitionsOf = <More extends object>(more: More) =>
    known.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, ...more })),
    }))
  const numbered = known.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => partition),
  }))
  const places = known.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => ({ topic, partition })))
  const offsetsAt = (timestamp: number, isolationLevel: (typeof levels)[number]) =>
    transport.send(listOffsets, { isolationLevel, topics: partitionsOf({ timestamp }) })
  const { groups } = await transport.send(listGroups, { statesFilter: [], typesFilter: [] })
  const groupIds = groups.map(({ groupId }) => groupId)
  const transactions = await transport.send(listTransactions, {
    stateFilters: [],
    producerIdFilters: [],
    durationFilterMs: -1,
  })
  const transactionalIds = sorted(
    transactions.transactionStates.map(({ transactionalId }) => transactionalId),
    (id) => id,
  )
  const producers = await transport.send(describeProducers, { topics: numbered })
  const described = await transport.send(describeGroups, { groupIds })
  const times = [-1, -2, -3, ...timestamps]
  return {
    clusterId,
    topics: known,
    capabilities: await transport.send(capabilities, {}),
    configs: await transport.send(describeConfigs, {
      resources: known.map(({ topic }) => ({
        resourceType: 'topic' as const,
        resourceName: topic,
        configurationKeys: null,
      })),
    }),
    offsets: await Promise.all(levels.flatMap((level) => times.map((time) => offsetsAt(time, level)))),
    epochs: await transport.send(offsetForLeaderEpoch, {
      topics: partitionsOf({ currentLeaderEpoch: -1, leaderEpoch: 0 }),
    }),
    logs: await Promise.all(
      places.flatMap(({ topic, partition }) =>
        levels.map((isolationLevel) => readLog(transport, topic, partition, isolationLevel)),
      ),
    ),
    producers: producers.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((one) => ({
        ...one,
        activeProducers: sorted(one.activeProducers, ({ producerId }) => producerId),
      })),
    })),
    groups: described.groups.map((group) => ({
      ...group,
      members: sorted(group.members, ({ memberId }) => memberId),
    })),
    committed: await Promise.all(
      groupIds.flatMap((groupId) =>
        [true, false].map(async (requireStable) => {
          const asked = { groupId, memberId: null, memberEpoch: -1, topics: null, requireStable }
          const all = await transport.send(offsetFetch, asked)
          const named = await transport.send(offsetFetch, { ...asked, topics: numbered })
          return { groupId, requireStable, all: sorted(all.topics, ({ topic }) => topic), named: named.topics }
        }),
      ),
    ),
    transactions: (await transport.send(describeTransactions, { transactionalIds })).transactionStates.map((one) => ({
      ...one,
      topics: sorted(one.topics, ({ topic }) => topic),
    })),
  }
}

/** A log's answers from its start to its end, and each batch as stored. */
async function readLog(
  transport: Transport,
  topic: string,
  partition: number,
  isolationLevel: (typeof levels)[number],
): Promise<unknown> {
  const answers: unknown[] = []
  const request = { maxWaitMs: 0, minBytes: 1, maxBytes: 50_000_000, isolationLevel }
  let fetchOffset = 0
  for (;;) {
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }]
    const [answer] = (await transport.send(fetch, { ...request, topics: [{ topic, partitions }] })).topics
    const found = answer?.partitions[0]
    if (!found) throw new Error(`topic '${topic}' partition ${partition} is not answered for`)
    const batches = [...recordBatchesIn(found.records)]
    const headers = batches.map(({ header }) => ({ ...header, crc: undefined }))
    answers.push({ ...found, records: await readAll(found.records), headers })
    // Skips deleted records, as a reader from the earliest offset does.
    const next = batches.at(-1)?.header ?? { lastOffset: Math.max(found.logStartOffset, 0) - 1 }
    if (next.lastOffset + 1 <= fetchOffset) return { topic, partition, isolationLevel, answers }
    fetchOffset = next.lastOffset + 1
  }
}
