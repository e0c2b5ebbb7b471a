import {
  describeConfigs,
  describeGroups,
  describeProducers,
  describeTransactions,
  listGroups,
  listOffsets,
  listTransactions,
  metadata,
  offsetFetch,
  type Transport,
} from '@kafkado/core'

/** Everything that the engine would tell its owner: topics, settings, offsets, groups, transactions, producers. */
export async function snapshotOf(engine: Transport): Promise<string> {
  const { topics } = await engine.send(metadata, { topics: null, allowAutoTopicCreation: false })
  const named = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => partition),
  }))
  const ends = (timestamp: number) =>
    engine.send(listOffsets, {
      isolationLevel: 'read_committed',
      topics: named.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((partition) => ({ partition, timestamp })),
      })),
    })
  const configs = await engine.send(describeConfigs, {
    resources: named.map(({ topic }) => ({
      resourceType: 'topic' as const,
      resourceName: topic,
      configurationKeys: null,
    })),
  })
  const producers = await engine.send(describeProducers, { topics: named })
  const { groups: listed } = await engine.send(listGroups, { statesFilter: [], typesFilter: [] })
  const groupIds = listed.map(({ groupId }) => groupId)
  const groups = await engine.send(describeGroups, { groupIds })
  const offsets = await Promise.all(
    groupIds.map((groupId) =>
      engine.send(offsetFetch, { groupId, memberId: null, memberEpoch: -1, topics: null, requireStable: false }),
    ),
  )
  const { transactionStates } = await engine.send(listTransactions, {
    stateFilters: [],
    producerIdFilters: [],
    durationFilterMs: -1,
  })
  const transactions = await engine.send(describeTransactions, {
    transactionalIds: transactionStates.map(({ transactionalId }) => transactionalId),
  })
  const [starts, lasts] = [await ends(-2), await ends(-1)]
  return JSON.stringify({ topics, configs, starts, lasts, producers, groups, offsets, transactions }, undefined, 1)
}
