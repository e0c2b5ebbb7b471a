import {
  codeOf,
  createTopics,
  DisconnectedError,
  fetch,
  KafkaError,
  listOffsets,
  metadata,
  produce,
  TimeoutError,
} from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { closeConnection, neverAnswer } from '../../test/fake-broker.ts'
import { startCluster } from '../../test/fake-cluster.ts'
import { batchOf } from '../../test/record-batches.ts'
import { creating, fetching, listing, producing } from '../../test/requests.ts'
import { outcomeOf, turns, within } from '../../test/waiting.ts'
import { produceApi } from '../operations/00-produce.ts'
import { fetchApi } from '../operations/01-fetch.ts'
import { apiVersionsApi } from '../connection/broker-versions.ts'
import { createTopicsApi } from '../operations/19-create-topics.ts'
import { listOffsetsApi } from './list-offsets-api.ts'
import { metadataApi } from './metadata-api.ts'

const allTopics = { topics: null, allowAutoTopicCreation: false }
const partitionsOf = ({ topics }: { topics: readonly { partitions: readonly { errorCode: number }[] }[] }) =>
  topics.flatMap(({ partitions }) => partitions)
const codes = (answer: Parameters<typeof partitionsOf>[0]): number[] =>
  partitionsOf(answer).map(({ errorCode }) => errorCode)

async function clusterOfThree(clock?: ManualClock) {
  const { cluster, transport } = await startCluster(3, clock)
  cluster.addTopic('orders', [1, 2, 3])
  await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
  return { cluster, transport }
}

describe('a leader that refuses connections', () => {
  it('refuses only its own partitions, for now, and what was not sent has not happened', async () => {
    const { cluster, transport } = await clusterOfThree()
    await cluster.broker(2).stop()
    const answer = await transport.send(produce, producing({ orders: [0, 1, 2] }))
    expect(codes(answer)).toEqual([0, codeOf('LEADER_NOT_AVAILABLE'), 0])
    expect(partitionsOf(answer)[1]).toMatchObject({
      baseOffset: -1,
      errorMessage: expect.stringMatching(
        new RegExp(`cannot reach the broker ${cluster.broker(2).address}.*ECONNREFUSED`),
      ),
    })
  })

  it('is not needed any more when another leads', async () => {
    const { cluster, transport } = await clusterOfThree()
    await cluster.broker(2).stop()
    await transport.send(produce, producing({ orders: [1] }))
    cluster.moveLeader('orders', 1, 3)
    expect(codes(await transport.send(produce, producing({ orders: [1] })))).toEqual([0])
  })

  it('is waited for by a read, until another leads', async () => {
    const { cluster, transport } = await clusterOfThree()
    cluster.append('orders', 1, batchOf())
    await cluster.broker(2).stop()
    const answer = transport.send(listOffsets, listing({ orders: [0, 1, 2] }))
    // By then the client has looked for it a second time.
    await cluster.broker(1).asked(metadataApi, 3)
    cluster.moveLeader('orders', 1, 1)
    expect(codes(await answer)).toEqual([0, 0, 0])
  })

  it('ends a fetch over several leaders at once', async () => {
    const { cluster, transport } = await clusterOfThree(new ManualClock())
    await cluster.broker(2).stop()
    const answer = await within(transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 })), 'the fetch')
    expect(codes(answer)).toEqual([0, codeOf('LEADER_NOT_AVAILABLE')])
  })

  it.each(['start', 'startElsewhere'] as const)('is connected to again when it is back by %s()', async (start) => {
    const { cluster, transport } = await clusterOfThree()
    expect(codes(await transport.send(produce, producing({ orders: [1] })))).toEqual([0])
    await cluster.broker(2).stop()
    // The client has noticed by then.
    await turns()
    expect(codes(await transport.send(produce, producing({ orders: [1] })))).toEqual([codeOf('LEADER_NOT_AVAILABLE')])
    await cluster.broker(2)[start]()
    expect(codes(await transport.send(produce, producing({ orders: [1] })))).toEqual([0])
  })
})

describe('a connection that is lost while a request is under way', () => {
  it('refuses the partitions of that leader with NETWORK_EXCEPTION, as nobody knows what has happened', async () => {
    const { cluster, transport } = await clusterOfThree()
    cluster.broker(2).once(produceApi, () => closeConnection)
    const answer = await transport.send(produce, producing({ orders: [0, 1, 2] }))
    expect(codes(answer)).toEqual([0, codeOf('NETWORK_EXCEPTION'), 0])
    expect(partitionsOf(answer)[1]).toMatchObject({
      errorMessage: expect.stringContaining(`lost the connection to the broker ${cluster.broker(2).address}`),
    })
    expect(codes(await transport.send(produce, producing({ orders: [1] })))).toEqual([0])
  })

  it('makes a read ask again', async () => {
    const { cluster, transport } = await clusterOfThree()
    cluster.broker(2).once(listOffsetsApi, () => closeConnection)
    expect(codes(await transport.send(listOffsets, listing({ orders: [0, 1, 2] })))).toEqual([0, 0, 0])
    expect(cluster.brokers.map((broker) => broker.requestsOf(listOffsetsApi).length)).toEqual([1, 2, 1])
  })

  it('is failed for all that were under way on it, and only for them', async () => {
    const { cluster, transport } = await clusterOfThree()
    cluster.broker(2).once(produceApi, () => neverAnswer)
    const same = [1, 2, 3].map(() => transport.send(produce, producing({ orders: [1] }, { producerId: 1 })))
    const other = transport.send(produce, producing({ orders: [2] }, { producerId: 1 }))
    await cluster.broker(2).asked(produceApi)
    expect(codes(await other)).toEqual([0])
    cluster.broker(2).dropConnections()
    expect((await Promise.all(same)).map(codes)).toEqual(Array(3).fill([codeOf('NETWORK_EXCEPTION')]))
  })

  it('is no reason to fail where it was only about where the leader is: another broker is asked', async () => {
    const { cluster, transport } = await clusterOfThree()
    cluster.addTopic('bills', [3])
    cluster.broker(1).once(metadataApi, () => closeConnection)
    expect(codes(await transport.send(produce, producing({ bills: [0] })))).toEqual([0])
  })

  it('fails what must not be done twice, and says that nobody knows', async () => {
    const { cluster, transport } = await clusterOfThree()
    for (const broker of cluster.brokers) broker.always(createTopicsApi, () => closeConnection)
    const error = await outcomeOf(transport.send(createTopics, creating('new')))
    expect(error).toBeInstanceOf(DisconnectedError)
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(cluster.brokers.flatMap((broker) => broker.requestsOf(createTopicsApi))).toHaveLength(1)
  })

  it('while it is idle is replaced without any error', async () => {
    const { cluster, transport } = await clusterOfThree()
    for (let count = 0; count < 3; count++) {
      expect(codes(await transport.send(produce, producing({ orders: [1] })))).toEqual([0])
      cluster.broker(2).dropConnections()
      await cluster.broker(2).connected(0)
      await turns()
    }
    expect(new Set(cluster.broker(2).connectionsOf(produceApi)).size).toBe(3)
  })
})

describe('a cluster of which no broker can be reached', () => {
  it('is an error that names all brokers, after the configured retries', async () => {
    const { cluster } = await startCluster(2)
    const addresses = cluster.brokers.map(({ address }) => address)
    await Promise.all(cluster.brokers.map((broker) => broker.stop()))
    const transport = cluster.connect({ brokers: addresses, retries: 2 })
    const error = await within(outcomeOf(transport.send(metadata, allTopics)), 'the error')
    expect(error).toBeInstanceOf(DisconnectedError)
    expect(error).toMatchObject({ outcome: 'failed', retriable: true })
    for (const address of addresses) expect((error as Error).message).toContain(address)
    expect((error as Error).message).toContain('ECONNREFUSED')
  })

  it.each([
    [
      'produce',
      (transport: Awaited<ReturnType<typeof startCluster>>['transport']) =>
        transport.send(produce, producing({ orders: [0] })),
    ],
    [
      'fetch',
      (transport: Awaited<ReturnType<typeof startCluster>>['transport']) =>
        transport.send(fetch, fetching({ orders: [0] })),
    ],
    [
      'listOffsets',
      (transport: Awaited<ReturnType<typeof startCluster>>['transport']) =>
        transport.send(listOffsets, listing({ orders: [0] })),
    ],
    [
      'createTopics',
      (transport: Awaited<ReturnType<typeof startCluster>>['transport']) =>
        transport.send(createTopics, creating('new')),
    ],
  ])('fails %s, of which nothing has happened', async (_, send) => {
    const { cluster } = await startCluster(1)
    const address = cluster.broker(1).address
    await cluster.broker(1).stop()
    const error = await within(outcomeOf(send(cluster.connect({ brokers: address, retries: 0 }))), 'the error')
    expect(error).toBeInstanceOf(DisconnectedError)
    expect(error).toMatchObject({ outcome: 'failed', message: expect.stringContaining(address) })
  })

  it('is tried as often as the retries say', async () => {
    const { cluster } = await startCluster(1)
    cluster.broker(1).always(apiVersionsApi, () => closeConnection)
    for (const [retries, expected] of [
      [0, 1],
      [2, 3],
    ] as const) {
      const before = cluster.broker(1).connectionCount
      await outcomeOf(cluster.connect({ retries }).send(metadata, allTopics))
      expect(cluster.broker(1).connectionCount - before).toBe(expected)
    }
  })

  it('is no obstacle when it is back before the retries are used up', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.broker(1).once(
      apiVersionsApi,
      () => closeConnection,
      () => closeConnection,
    )
    expect(await transport.send(metadata, allTopics)).toMatchObject({ clusterId: 'fake' })
  })

  it('is not what it is when only the first of the brokers given is away', async () => {
    const { cluster } = await startCluster(2)
    await cluster.broker(1).stop()
    const transport = cluster.connect({ brokers: cluster.brokers.map(({ address }) => address), retries: 0 })
    expect(await transport.send(metadata, allTopics)).toMatchObject({ clusterId: 'fake' })
  })
})

describe('a broker that never answers', () => {
  it('ends a request at the deadline, and nobody knows whether it was carried out', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    cluster.broker(2).once(produceApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] })))
    await cluster.broker(2).asked(produceApi)
    clock.advance(29_999)
    await turns()
    expect(clock.pendingTimers).toBeGreaterThan(0)
    clock.advance(1)
    expect(await within(outcome, 'the timeout')).toBeInstanceOf(TimeoutError)
    expect(await outcome).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('produce') })
  })

  it('does not hold up the next request, which does not wait behind the one without an answer', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    cluster.broker(2).once(produceApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] })))
    await cluster.broker(2).asked(produceApi)
    clock.advance('30s')
    await within(outcome, 'the timeout')
    const { topics } = await within(transport.send(produce, producing({ orders: [1] })), 'the next')
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    expect(new Set(cluster.broker(2).connectionsOf(produceApi)).size).toBe(2)
  })

  it('has its long poll on top of the timeout', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    cluster.broker(2).once(fetchApi, () => neverAnswer)
    let isOver = false
    const request = fetching({ orders: [1] }, { maxWaitMs: 500 })
    const outcome = outcomeOf(transport.send(fetch, request, { timeoutMs: 1000 })).finally(() => {
      isOver = true
    })
    await cluster.broker(2).asked(fetchApi)
    clock.advance(1499)
    await turns()
    expect(isOver).toBe(false)
    clock.advance(1)
    expect(await within(outcome, 'the timeout')).toBeInstanceOf(TimeoutError)
  })

  it('has not been asked when the connection to it did not come about', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await startCluster(1, clock)
    cluster.broker(1).always(apiVersionsApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(metadata, allTopics))
    await cluster.broker(1).connected(1)
    clock.advance('30s')
    expect(await within(outcome, 'the timeout')).toBeInstanceOf(TimeoutError)
    expect(await outcome).toMatchObject({ outcome: 'failed' })
  })

  it('has not been sent a produce when it was only asked where the leader is', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await startCluster(1, clock)
    cluster.broker(1).always(metadataApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [0] })))
    await cluster.broker(1).asked(metadataApi)
    clock.advance('30s')
    expect(await within(outcome, 'the timeout')).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
  })

  it('has not been sent a produce when the leader was found, but did not take a connection', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    cluster.broker(2).always(apiVersionsApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] })))
    await cluster.broker(2).connected(1)
    clock.advance('30s')
    expect(await within(outcome, 'the timeout')).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
  })

  it('is not asked first again where another can say the same', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    cluster.addTopic('bills', [3])
    cluster.broker(1).always(metadataApi, () => neverAnswer)
    const first = outcomeOf(transport.send(produce, producing({ bills: [0] })))
    await cluster.broker(1).asked(metadataApi, 2)
    clock.advance('30s')
    expect(await within(first, 'the timeout')).toBeInstanceOf(TimeoutError)
    expect(codes(await within(transport.send(produce, producing({ bills: [0] })), 'the second produce'))).toEqual([0])
  })
})

describe('a caller that gives up', () => {
  const reason = new Error('no longer needed')

  it('before it began has asked nobody', async () => {
    const { cluster, transport } = await startCluster(1)
    await expect(transport.send(metadata, allTopics, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await turns()
    expect(cluster.broker(1).connectionCount).toBe(0)
  })

  it('while the connection is made is told so at once, and nothing is sent', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    let goOn: () => void = () => undefined
    const versions = [...cluster.broker(2).versions].map(([apiKey, range]) => ({ apiKey, ...range }))
    cluster.broker(2).once(apiVersionsApi, async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      return { errorCode: 0, apiKeys: versions, throttleTimeMs: 0 }
    })
    const abort = new AbortController()
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] }), { signal: abort.signal }))
    await cluster.broker(2).connected(1)
    await turns()
    abort.abort(reason)
    expect(await within(outcome, 'the end')).toBe(reason)
    goOn()
    expect(codes(await transport.send(produce, producing({ orders: [1] }, { producerId: 8 })))).toEqual([0])
    expect(cluster.broker(2).requestsOf(produceApi)).toHaveLength(1)
  })

  it('while it waits for the answer is told so at once, and others on the connection are answered', async () => {
    const { cluster, transport } = await clusterOfThree()
    let goOn: () => void = () => undefined
    cluster.broker(2).once(listOffsetsApi, async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      return { throttleTimeMs: 0, topics: [] }
    })
    const abort = new AbortController()
    const outcome = outcomeOf(transport.send(listOffsets, listing({ orders: [1] }), { signal: abort.signal }))
    await cluster.broker(2).asked(listOffsetsApi)
    const others = [1, 2].map(() => transport.send(listOffsets, listing({ orders: [1] })))
    abort.abort(reason)
    expect(await within(outcome, 'the end')).toBe(reason)
    goOn()
    expect((await Promise.all(others)).map(codes)).toEqual([[0], [0]])
  })

  it('while it waits for the next attempt is told so at once, and leaves no timer', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await clusterOfThree(clock)
    const before = clock.pendingTimers
    cluster.moveLeader('orders', 1, -1)
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    const abort = new AbortController()
    const outcome = outcomeOf(transport.send(listOffsets, listing({ orders: [1] }), { signal: abort.signal }))
    await cluster.broker(1).asked(metadataApi, 3)
    await turns()
    abort.abort(reason)
    expect(await within(outcome, 'the end')).toBe(reason)
    expect(clock.pendingTimers).toBe(before)
  })

  it('has its own reason, whatever that is, also when it is no error', async () => {
    const { cluster, transport } = await clusterOfThree()
    cluster.broker(2).once(produceApi, () => neverAnswer)
    const abort = new AbortController()
    const outcome = outcomeOf(transport.send(produce, producing({ orders: [1] }), { signal: abort.signal }))
    await cluster.broker(2).asked(produceApi)
    abort.abort('stop')
    expect(await within(outcome, 'the end')).toBe('stop')
  })
})

describe('a request that cannot be written', () => {
  it.each([
    ['listOffsets', 1.5],
    ['listOffsets', 2 ** 70],
  ])('%s of the time %d is refused as such, and no broker is blamed', async (_, timestamp) => {
    const { transport } = await clusterOfThree()
    const request = { ...listing({}), topics: [{ topic: 'orders', partitions: [{ partition: 0, timestamp }] }] }
    const outcome = await within(outcomeOf(transport.send(listOffsets, request)), 'the answer')
    const code = KafkaError.is(outcome) ? outcome.kafkaCode : codes(outcome as Parameters<typeof codes>[0])[0]
    expect(code).toBe(codeOf('INVALID_REQUEST'))
    expect(codes(await transport.send(listOffsets, listing({ orders: [0] })))).toEqual([0])
  })
})
