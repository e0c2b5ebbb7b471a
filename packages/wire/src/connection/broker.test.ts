import { codeOf, consumerGroupHeartbeat, fetch, listOffsets, metadata, produce } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../../test/fake-cluster.ts'
import { producedAt } from '../../test/fake-partitions.ts'
import { batchOf } from '../../test/record-batches.ts'
import { fetching, heartbeatOf, listing, producing } from '../../test/requests.ts'
import { deferred, outcomeOf, turns, within } from '../../test/waiting.ts'
import { produceApi } from '../operations/00-produce.ts'
import { fetchApi } from '../operations/01-fetch.ts'
import { consumerGroupHeartbeatApi } from '../operations/68-consumer-group-heartbeat.ts'
import { listOffsetsApi } from '../cluster/list-offsets-api.ts'
import { metadataApi } from '../cluster/metadata-api.ts'

const orders = { topics: ['orders'], allowAutoTopicCreation: false }

/** One or more brokers, with a topic that every client knows already. */
async function knownCluster(leaders: readonly number[] = [1], options = {}) {
  const clock = new ManualClock()
  const { cluster, transport } = await startCluster(Math.max(...leaders), clock, options)
  cluster.addTopic('orders', leaders)
  await transport.send(metadata, orders)
  return { clock, cluster, transport, broker: cluster.broker(1) }
}

/** The batches that arrived, by the byte that each is filled with. */
const marksOf = (
  requests: readonly { topics: readonly { partitions: readonly { records: Uint8Array | null }[] }[] }[],
) => requests.map(({ topics }) => topics[0]?.partitions[0]?.records?.at(-1))

describe('long polls', () => {
  it('do not hold up anything else', async () => {
    const { cluster, transport, broker } = await knownCluster()
    const polls = Array.from({ length: 10 }, (_, fetchOffset) =>
      transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000, fetchOffset })),
    )
    await broker.asked(fetchApi, 10)
    const others = [
      transport.send(produce, producing({ orders: [0] })),
      transport.send(consumerGroupHeartbeat, heartbeatOf('g')),
      transport.send(metadata, orders),
      transport.send(listOffsets, listing({ orders: [0] })),
    ]
    await within(Promise.all(others), 'the others')
    for (let count = 0; count < 10; count++) cluster.append('orders', 0, batchOf())
    await within(Promise.all(polls), 'the polls')
  })

  it('take a connection each, and beyond the limit wait for one that is free', async () => {
    const { cluster, transport, broker } = await knownCluster([1], { maxLongPolls: 2 })
    const polls = [0, 1, 2, 3].map((fetchOffset) =>
      transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000, fetchOffset })),
    )
    await broker.asked(fetchApi, 2)
    await turns()
    const offsets = (): (number | undefined)[] =>
      broker.requestsOf(fetchApi).map(({ topics }) => topics[0]?.partitions[0]?.fetchOffset)
    expect(offsets()).toEqual([0, 1])
    cluster.append('orders', 0, batchOf())
    await polls[0]
    await broker.asked(fetchApi, 3)
    await turns()
    expect(offsets()).toEqual([0, 1, 2])
    for (let count = 0; count < 3; count++) cluster.append('orders', 0, batchOf())
    await within(Promise.all(polls), 'the polls')
    expect(offsets()).toEqual([0, 1, 2, 3])
    expect(new Set(broker.connectionsOf(fetchApi)).size).toBe(2)
  })

  it('that nobody wants any more before it was their turn are not sent', async () => {
    const { cluster, transport, broker } = await knownCluster([1], { maxLongPolls: 1 })
    const poll = transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000 }))
    await broker.asked(fetchApi)
    const abort = new AbortController()
    const request = fetching({ orders: [0] }, { maxWaitMs: 5000, fetchOffset: 100 })
    const unwanted = outcomeOf(transport.send(fetch, request, { signal: abort.signal }))
    await turns()
    abort.abort(new Error('no longer'))
    expect(await within(unwanted, 'the end')).toEqual(new Error('no longer'))
    cluster.append('orders', 0, batchOf())
    await poll
    await within(transport.send(fetch, fetching({ orders: [0] })), 'the next one')
    expect(broker.requestsOf(fetchApi)).toHaveLength(2)
  })
})

describe('the batches of a producer', () => {
  it('take one connection, in order', async () => {
    const { transport, broker } = await knownCluster([1, 1])
    const marks = Array.from({ length: 50 }, (_, index) => index + 1)
    const answers = marks.map((mark) =>
      transport.send(produce, producing({ orders: [mark % 2] }, { producerId: 4711, mark, bytes: 100 })),
    )
    await within(Promise.all(answers), 'the answers')
    expect(marksOf(broker.requestsOf(produceApi))).toEqual(marks)
    expect(new Set(broker.connectionsOf(produceApi)).size).toBe(1)
  })

  it('come in order also when the connection is replaced in between', async () => {
    const { transport, broker } = await knownCluster()
    const send = (mark: number) =>
      transport.send(produce, producing({ orders: [0] }, { producerId: 4711, mark, bytes: 100 }))
    await send(1)
    broker.dropConnections()
    await broker.connected(0)
    await turns()
    const answers = [2, 3].map(send)
    // The next batches arrive at every moment in which the new connection is being made.
    for (let mark = 4; mark < 30; mark++) {
      await turns(1)
      answers.push(send(mark))
    }
    await within(Promise.all(answers), 'the answers')
    expect(marksOf(broker.requestsOf(produceApi))).toEqual(Array.from({ length: 29 }, (_, index) => index + 1))
  })

  it('come in order also when nobody knows yet where the leader is', async () => {
    const { cluster } = await knownCluster()
    const fresh = cluster.connect()
    // The first look-up is answered after the second one.
    const second = deferred()
    cluster.broker(1).once(
      metadataApi,
      async ({ topics }) => {
        await Promise.race([second.promise, turns(50)])
        return cluster.describe(topics)
      },
      ({ topics }) => {
        second.resolve()
        return cluster.describe(topics)
      },
    )
    const answers = [1, 2, 3].map((mark) =>
      fresh.send(produce, producing({ orders: [0] }, { producerId: 4711, mark, bytes: 100 })),
    )
    await within(Promise.all(answers), 'the answers')
    expect(marksOf(cluster.broker(1).requestsOf(produceApi))).toEqual([1, 2, 3])
  })

  it('come in order also when they have no id, as only retries may change their order', async () => {
    const { transport, broker } = await knownCluster()
    const marks = Array.from({ length: 50 }, (_, index) => index + 1)
    const answers = marks.map((mark) =>
      transport.send(produce, producing({ orders: [0] }, { producerId: -1, acks: 1, mark, bytes: 100 })),
    )
    await within(Promise.all(answers), 'the answers')
    expect(marksOf(broker.requestsOf(produceApi))).toEqual(marks)
  })

  it('do not wait for those of another producer', async () => {
    const { transport, broker } = await knownCluster()
    const held = deferred()
    broker.once(produceApi, async () => {
      await held.promise
      return { topics: [{ topic: 'orders', partitions: [producedAt(0, 0)] }], throttleTimeMs: 0 }
    })
    const first = transport.send(produce, producing({ orders: [0] }, { producerId: 1 }))
    await broker.asked(produceApi)
    const others = [2, 3, 4].map((producerId) => transport.send(produce, producing({ orders: [0] }, { producerId })))
    await within(Promise.all(others), 'the other producers')
    held.resolve()
    await first
  })
})

describe('the heartbeats of a group', () => {
  it('come in order over one connection', async () => {
    const { transport, broker } = await knownCluster()
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { memberEpoch: 0 }))
    const epochs = Array.from({ length: 20 }, (_, index) => index + 1)
    const answers = epochs.map((memberEpoch) =>
      transport.send(consumerGroupHeartbeat, heartbeatOf('g', { memberEpoch })),
    )
    await within(Promise.all(answers), 'the answers')
    const received = broker.requestsOf(consumerGroupHeartbeatApi).map(({ memberEpoch }) => memberEpoch)
    expect(received).toEqual([0, ...epochs])
    expect(new Set(broker.connectionsOf(consumerGroupHeartbeatApi)).size).toBe(1)
  })
})

describe('a connection that nobody has used for a while', () => {
  it('is closed, and made anew when it is needed', async () => {
    const { clock, transport, broker } = await knownCluster([1], { idleTimeout: '1m' })
    await transport.send(produce, producing({ orders: [0] }))
    await transport.send(fetch, fetching({ orders: [0] }))
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    expect(broker.openConnections).toBeGreaterThanOrEqual(4)
    clock.advance(59_999)
    await turns()
    expect(broker.openConnections).toBeGreaterThanOrEqual(4)
    clock.advance('1m')
    await broker.connected(0)
    expect(clock.pendingTimers).toBe(0)
    expect(await transport.send(produce, producing({ orders: [0] }))).toMatchObject({
      topics: [{ partitions: [{ errorCode: 0, baseOffset: 1 }] }],
    })
    expect(broker.openConnections).toBe(1)
    expect(clock.pendingTimers).toBe(1)
  })

  it('is not closed while a request is under way on it', async () => {
    const { clock, cluster, transport, broker } = await knownCluster([1], { idleTimeout: '2s' })
    const poll = transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 10_000 }))
    await broker.asked(fetchApi)
    for (let count = 0; count < 8; count++) {
      clock.advance('1s')
      await turns(2)
    }
    await broker.connected(1)
    cluster.append('orders', 0, batchOf())
    expect(await within(poll, 'the poll')).toMatchObject({ topics: [{ partitions: [{ errorCode: 0 }] }] })
  })
})

describe('a broker that throttles', () => {
  const throttled = (throttleTimeMs: number) => () => ({
    throttleTimeMs,
    topics: [
      { topic: 'orders', partitions: [{ partition: 0, errorCode: 0, timestamp: -1, offset: 1, leaderEpoch: 0 }] },
    ],
  })

  it('is left alone for so long, and only it', async () => {
    const { clock, transport, broker } = await knownCluster([1, 2])
    broker.once(listOffsetsApi, throttled(700))
    await transport.send(listOffsets, listing({ orders: [0] }))
    const held = [
      transport.send(listOffsets, listing({ orders: [0] })),
      transport.send(produce, producing({ orders: [0] })),
    ]
    // One round trip to another broker: by then these requests would have arrived too.
    await within(transport.send(listOffsets, listing({ orders: [1] })), 'the other broker')
    await turns()
    clock.advance(699)
    await turns()
    expect(broker.requestsOf(listOffsetsApi)).toHaveLength(1)
    expect(broker.requestsOf(produceApi)).toHaveLength(0)
    clock.advance(1)
    await within(Promise.all(held), 'what was held back')
    expect(broker.requestsOf(listOffsetsApi)).toHaveLength(2)
  })

  it('is left alone for the longest time that it has said', async () => {
    const { clock, transport, broker } = await knownCluster()
    const first = deferred()
    broker.once(listOffsetsApi, throttled(5000), async () => {
      await first.promise
      return throttled(10)()
    })
    const answers = [1, 2].map(() => transport.send(listOffsets, listing({ orders: [0] })))
    await broker.asked(listOffsetsApi, 2)
    await Promise.race(answers)
    first.resolve()
    await within(Promise.all(answers), 'both answers')
    const held = transport.send(listOffsets, listing({ orders: [0] }))
    clock.advance(4999)
    await turns()
    expect(broker.requestsOf(listOffsetsApi)).toHaveLength(2)
    clock.advance(1)
    await within(held, 'what was held back')
  })

  it('has not been sent what is given up before the time is over', async () => {
    const { clock, transport, broker } = await knownCluster()
    broker.once(listOffsetsApi, throttled(60_000))
    await transport.send(listOffsets, listing({ orders: [0] }))
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [0] })))
    await turns()
    clock.advance('30s')
    expect(await within(outcome, 'the timeout')).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
    expect(broker.requestsOf(produceApi)).toHaveLength(0)
  })
})

describe('a broker that leaves the cluster', () => {
  it('fails nothing that still waits for its turn with an error which says that the client is closed', async () => {
    const { cluster, transport } = await knownCluster([1, 2])
    await cluster.broker(2).stop()
    const rest = { ...cluster.describe(null), brokers: cluster.describe([]).brokers.slice(0, 1) }
    cluster.broker(1).once(metadataApi, () => rest)
    await transport.send(metadata, orders)
    const { topics } = await transport.send(produce, producing({ orders: [0, 1] }))
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, codeOf('LEADER_NOT_AVAILABLE')])
    expect(topics[0]?.partitions[1]?.errorMessage).not.toMatch(/client is closed/)
  })

  it('is not what all do when one that is just starting knows of nobody', async () => {
    const { cluster, transport } = await knownCluster([1, 2])
    cluster.broker(1).once(metadataApi, () => ({ ...cluster.describe(null), brokers: [] }))
    await transport.send(metadata, orders)
    const { topics } = await transport.send(produce, producing({ orders: [0, 1] }))
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 0])
  })

  it('answers what it was asked before, also when another broker does not speak of it for a moment', async () => {
    const { cluster, transport } = await knownCluster([1, 2])
    const held = deferred()
    cluster.broker(2).once(produceApi, async () => {
      await held.promise
      return { topics: [{ topic: 'orders', partitions: [producedAt(1, 0)] }], throttleTimeMs: 0 }
    })
    const underWay = transport.send(produce, producing({ orders: [1] }))
    await cluster.broker(2).asked(produceApi)
    const answer = cluster.describe(null)
    cluster.broker(1).once(metadataApi, () => ({ ...answer, brokers: answer.brokers.slice(0, 1) }))
    await transport.send(metadata, orders)
    await turns()
    held.resolve()
    const { topics } = await within(underWay, 'the answer')
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0])
  })
})
