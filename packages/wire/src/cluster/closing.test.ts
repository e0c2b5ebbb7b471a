import { consumerGroupHeartbeat, DisconnectedError, fetch, listOffsets, metadata, produce } from '@kafkado/core'
import { AdjustableClock, ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { neverAnswer } from '../../test/fake-broker.ts'
import { type FakeCluster, startCluster } from '../../test/fake-cluster.ts'
import { fetching, heartbeatOf, listing, producing } from '../../test/requests.ts'
import { outcomeOf, turns, within } from '../../test/waiting.ts'
import type { AnyApiVersion } from '@kafkado/messages'
import { produceApi } from '../operations/00-produce.ts'
import { fetchApi } from '../operations/01-fetch.ts'
import { apiVersionsApi } from '../connection/broker-versions.ts'
import { consumerGroupHeartbeatApi } from '../operations/68-consumer-group-heartbeat.ts'
import { listOffsetsApi } from './list-offsets-api.ts'
import { metadataApi } from './metadata-api.ts'

const allTopics = { topics: null, allowAutoTopicCreation: false }

async function knownCluster(clock: ManualClock | AdjustableClock = new AdjustableClock(), options = {}) {
  const { cluster, transport } = await startCluster(2, clock, options)
  cluster.addTopic('orders', [1, 2])
  await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
  return { cluster, transport }
}

async function expectNoConnections(cluster: FakeCluster): Promise<void> {
  for (const broker of cluster.brokers) await broker.connected(0)
}

/** The open sockets and timers in Node, which would keep the process alive. */
function held(): { sockets: number; timers: number } {
  const names = process.getActiveResourcesInfo()
  const sockets = names.filter((name) => /^(TCPSocketWrap|TLSWrap|TCPConnectWrap)$/.test(name)).length
  return { sockets, timers: names.filter((name) => name === 'Timeout').length }
}

/** Sockets close some turns after a test, and the test runner briefly has timers of its own. */
async function untilHeld(isSo: (now: ReturnType<typeof held>) => boolean): Promise<void> {
  const endMs = performance.now() + 3000
  while (!isSo(held()) && performance.now() < endMs) await turns(1)
}

describe('close()', () => {
  it('ends what is under way on all lanes, and leaves no connection', async () => {
    const { cluster, transport } = await knownCluster()
    const broker = cluster.broker(2)
    cluster.coordinators.set('g', 2)
    const apis: AnyApiVersion[] = [produceApi, fetchApi, listOffsetsApi, consumerGroupHeartbeatApi]
    for (const api of apis) broker.once(api, () => neverAnswer)
    const outcomes = [
      transport.send(produce, producing({ orders: [1] })),
      transport.send(fetch, fetching({ orders: [1] }, { maxWaitMs: 5000 })),
      transport.send(listOffsets, listing({ orders: [1] })),
      transport.send(consumerGroupHeartbeat, heartbeatOf('g')),
    ].map(outcomeOf)
    for (const api of apis) await broker.asked(api)
    await within(transport.close(), 'close()')
    for (const outcome of await within(Promise.all(outcomes), 'what was under way')) {
      expect(outcome).toBeInstanceOf(DisconnectedError)
      expect(outcome).toMatchObject({ retriable: false, outcome: 'unknown' })
      expect((outcome as Error).message).toMatch(/closed/)
    }
    await expectNoConnections(cluster)
  })

  it('refuses whatever comes after it, of which nothing happens', async () => {
    const { cluster, transport } = await knownCluster()
    await transport.close()
    const before = cluster.brokers.map(({ connectionCount }) => connectionCount)
    expect(await outcomeOf(transport.send(produce, producing({ orders: [0] })))).toMatchObject({
      code: 'DISCONNECTED',
      message: 'the client is closed',
      retriable: false,
      outcome: 'failed',
    })
    await turns()
    expect(cluster.brokers.map(({ connectionCount }) => connectionCount)).toEqual(before)
  })

  it('may be called more than once, also at the same time', async () => {
    const { cluster, transport } = await knownCluster()
    await within(Promise.all([transport.close(), transport.close()]), 'close()')
    await within(transport.close(), 'close()')
    await within(transport[Symbol.asyncDispose](), 'dispose')
    await expectNoConnections(cluster)
  })

  it('leaves neither sockets nor timers', async () => {
    // Sockets of earlier tests close soon; other files of this process may have left some.
    await untilHeld(({ sockets }) => sockets === 0)
    const before = held()
    const { cluster, transport } = await knownCluster()
    cluster.coordinators.set('g', 2)
    cluster.broker(2).once(produceApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] })))
    cluster.broker(1).once(fetchApi, () => neverAnswer)
    const poll = outcomeOf(transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000 })))
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    await cluster.broker(2).asked(produceApi)
    await cluster.broker(1).asked(fetchApi)
    expect(held().sockets).toBeGreaterThan(before.sockets)
    expect(held().timers).toBeGreaterThan(before.timers)
    await within(transport.close(), 'close()')
    await Promise.all([outcome, poll])
    await expectNoConnections(cluster)
    await untilHeld(({ sockets, timers }) => sockets <= before.sockets && timers <= before.timers)
    expect(held().sockets).toBeLessThanOrEqual(before.sockets)
    expect(held().timers).toBeLessThanOrEqual(before.timers)
  })

  it('leaves no timer on its clock', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await knownCluster(clock)
    cluster.broker(2).once(fetchApi, () => neverAnswer)
    cluster.broker(2).once(produceApi, () => neverAnswer)
    const outcomes = [
      transport.send(fetch, fetching({ orders: [1] }, { maxWaitMs: 5000 })),
      transport.send(produce, producing({ orders: [1] })),
    ].map(outcomeOf)
    await cluster.broker(2).asked(fetchApi)
    await cluster.broker(2).asked(produceApi)
    await within(transport.close(), 'close()')
    await Promise.all(outcomes)
    await turns()
    expect(clock.pendingTimers).toBe(0)
  })

  it.each(['general', 'long polls'])(
    'does not wait for a connection of the %s that is just being made, and leaves none',
    async (lane) => {
      const { cluster, transport } = await knownCluster()
      const silent = cluster.broker(2)
      silent.always(apiVersionsApi, () => neverAnswer)
      const outcome = outcomeOf(
        lane === 'general'
          ? transport.send(listOffsets, listing({ orders: [1] }))
          : transport.send(fetch, fetching({ orders: [1] }, { maxWaitMs: 5000 })),
      )
      await silent.connected(1)
      await within(transport.close(), 'close()')
      expect(await within(outcome, 'what was under way')).toBeInstanceOf(DisconnectedError)
      expect(await outcome).toMatchObject({ retriable: false })
      await silent.connected(0)
    },
  )

  it('in the same turn as the request leaves nothing either', async () => {
    const { cluster, transport } = await knownCluster()
    const outcomes = [
      transport.send(listOffsets, listing({ orders: [1] })),
      transport.send(fetch, fetching({ orders: [1] }, { maxWaitMs: 5000 })),
      transport.send(produce, producing({ orders: [1] })),
    ].map(outcomeOf)
    await within(transport.close(), 'close()')
    for (const outcome of await within(Promise.all(outcomes), 'what was under way'))
      expect(outcome).toBeInstanceOf(DisconnectedError)
    await turns()
    await expectNoConnections(cluster)
  })

  it('at any moment of a first request leaves nothing', async () => {
    const { cluster } = await knownCluster()
    for (let turn = 0; turn < 25; turn++) {
      const transport = cluster.connect()
      const outcome = outcomeOf(transport.send(listOffsets, listing({ orders: [0, 1] })))
      await turns(turn)
      await within(transport.close(), `close() after ${turn} turns`)
      await within(outcome, 'what was under way')
    }
    await turns()
    // Only the first transport is still open.
    await cluster.broker(2).connected(0)
    await cluster.broker(1).until(
      () => cluster.broker(1).openConnections <= 2,
      () => `${cluster.broker(1).openConnections} connections are open`,
    )
  })

  it('ends also when the other side reads nothing and there is much to write', async () => {
    const clock = new AdjustableClock()
    const { cluster, transport } = await knownCluster(clock)
    const broker = cluster.broker(2)
    await transport.send(produce, producing({ orders: [1] }))
    broker.stopReading()
    const before = held().sockets
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] }, { bytes: 30_000_000 })))
    await turns()
    const closed = transport.close()
    await turns()
    clock.advance('1s')
    await within(closed, 'close()')
    expect(await outcome).toBeInstanceOf(DisconnectedError)
    await untilHeld(({ sockets }) => sockets < before)
    expect(held().sockets).toBeLessThan(before)
  })

  it('ends retries, and no further attempt is made', async () => {
    const { cluster, transport } = await knownCluster(new ManualClock())
    cluster.moveLeader('orders', 1, -1)
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    const outcome = outcomeOf(transport.send(listOffsets, listing({ orders: [1] })))
    await cluster.broker(1).asked(metadataApi, 3)
    await turns()
    await within(transport.close(), 'close()')
    expect(await within(outcome, 'the attempt')).toBeInstanceOf(DisconnectedError)
    await turns()
    expect(cluster.broker(1).requestsOf(metadataApi)).toHaveLength(3)
    await expectNoConnections(cluster)
  })

  it('ends long polls that wait for their turn, without connecting for them', async () => {
    const { cluster, transport } = await knownCluster(new ManualClock(), { maxLongPolls: 1 })
    const broker = cluster.broker(2)
    const outcomes = [0, 1, 2].map((fetchOffset) =>
      outcomeOf(transport.send(fetch, fetching({ orders: [1] }, { maxWaitMs: 5000, fetchOffset }))),
    )
    await broker.asked(fetchApi)
    await turns()
    const before = broker.connectionCount
    await within(transport.close(), 'close()')
    await within(Promise.all(outcomes), 'the polls')
    await turns()
    expect(broker.connectionCount).toBe(before)
    await expectNoConnections(cluster)
  })

  it('ends polls that were left waiting for the next fetch', async () => {
    const { cluster, transport } = await knownCluster(new ManualClock())
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    await cluster.broker(1).asked(fetchApi, 2)
    await cluster.broker(2).asked(fetchApi, 2)
    cluster.append('orders', 0, new Uint8Array(61))
    await answer
    await within(transport.close(), 'close()')
    await expectNoConnections(cluster)
  })

  it('ends also what is under way at a broker that is said to have left the cluster', async () => {
    const { cluster, transport } = await knownCluster()
    cluster.broker(2).once(produceApi, () => neverAnswer)
    cluster.broker(2).once(fetchApi, () => neverAnswer)
    const outcomes = [
      transport.send(produce, producing({ orders: [1] })),
      transport.send(fetch, fetching({ orders: [1] }, { maxWaitMs: 5000 })),
    ].map(outcomeOf)
    await cluster.broker(2).asked(produceApi)
    await cluster.broker(2).asked(fetchApi)
    const answer = cluster.describe(null)
    cluster.broker(1).once(metadataApi, () => ({ ...answer, brokers: answer.brokers.slice(0, 1) }))
    await transport.send(metadata, allTopics)
    await within(transport.close(), 'close()')
    await within(Promise.all(outcomes), 'what was under way')
    await expectNoConnections(cluster)
  })

  it('of one client does not touch another', async () => {
    const { cluster, transport } = await knownCluster()
    const other = cluster.connect()
    await other.send(metadata, allTopics)
    await transport.close()
    expect(await other.send(metadata, allTopics)).toMatchObject({ clusterId: 'fake' })
  })
})
