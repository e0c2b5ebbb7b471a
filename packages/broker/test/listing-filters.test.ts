import { memory } from '@kafkado/broker'
import { initProducerId, listGroups, listTransactions, offsetCommit } from '@kafkado/core'
import { Harness } from '@kafkado/testing/conformance'
import { expect, it } from 'vitest'

/** A body of 8 MiB holds some millions of short filters. */
const filters = Array.from({ length: 200_000 }, (_, index) => `no-state-${index}`)
const names = Array.from({ length: 500 }, (_, index) => `name-${index}`)
/** A matter of some 100 ms; if each filter were compared with each name, it would take many seconds. */
const mostMsOfThread = 1500

it('the filters of a listing are looked at once, however many groups and transactional ids there are', async () => {
  await using engine = memory()
  const topic = await new Harness(engine, 'listing').topic()
  const partitions = [{ partition: 0, committedOffset: 0, committedLeaderEpoch: -1, committedMetadata: null }]
  const member = { memberId: '', memberEpoch: -1, groupInstanceId: null }
  for (const name of names) {
    await engine.send(offsetCommit, { groupId: name, ...member, topics: [{ topic, partitions }] })
    const producer = { transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
    await engine.send(initProducerId, { transactionalId: name, ...producer })
  }
  const groupsBy = async (statesFilter: string[], typesFilter: string[]): Promise<number> =>
    (await engine.send(listGroups, { statesFilter, typesFilter })).groups.length
  const transactionsBy = async (stateFilters: string[], producerIdFilters: number[]): Promise<number> => {
    const asked = { stateFilters, producerIdFilters, durationFilterMs: -1 }
    return (await engine.send(listTransactions, asked)).transactionStates.length
  }
  const all = [await groupsBy([], []), await transactionsBy([], [])]
  const spent = process.threadCpuUsage()
  expect([await groupsBy([...filters, 'Empty'], [...filters, 'consumer'])]).toEqual([all[0]])
  const unknownIds = filters.map((_, index) => 10_000_000 + index)
  expect(await transactionsBy([...filters, 'Empty'], [])).toBe(all[1])
  expect(await transactionsBy([], unknownIds)).toBe(0)
  const { user, system } = process.threadCpuUsage(spent)
  expect(all).toEqual([names.length, names.length])
  expect((user + system) / 1000).toBeLessThan(mostMsOfThread)
})
