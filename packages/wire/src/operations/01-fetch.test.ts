import { codeOf, fetch, metadata, type ResponseOf, type RequestOf } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { closeConnection, type FakeBroker, neverAnswer } from '../../test/fake-broker.ts'
import { startCluster } from '../../test/fake-cluster.ts'
import { fetchedFrom } from '../../test/fake-partitions.ts'
import { batchOf } from '../../test/record-batches.ts'
import { fetching } from '../../test/requests.ts'
import { deferred, outcomeOf, turns, within } from '../../test/waiting.ts'
import { fetchApi } from './01-fetch.ts'

/** A batch of 100 bytes that a test recognises. */
const batch = (mark: number): Uint8Array => batchOf({ bytes: 100, mark })

/** A topic with one partition on each of the leaders, in order; every client knows it already. */
async function knownCluster(leaders: readonly number[] = [1, 2], clock = new ManualClock(), options = {}) {
  const { cluster, transport } = await startCluster(Math.max(...leaders), clock, options)
  cluster.addTopic('orders', leaders)
  await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
  const waits = (nodeId: number): number[] =>
    cluster
      .broker(nodeId)
      .requestsOf(fetchApi)
      .map(({ maxWaitMs }) => maxWaitMs)
  return { clock, cluster, transport, waits }
}

/** The mark of each partition's batch; undefined for a partition without records in the answer. */
const marksIn = ({ topics }: ResponseOf<typeof fetch>): (number | undefined)[] =>
  topics.flatMap(({ partitions }) => partitions.map(({ records }) => records.at(-1)))

/** Partitions, each from its own offset. */
function fetchingFrom(offsets: readonly number[], more: Parameters<typeof fetching>[1] = {}): RequestOf<typeof fetch> {
  const partitions = offsets.map((fetchOffset, partition) => ({ partition, fetchOffset, partitionMaxBytes: 1_000_000 }))
  return { ...fetching({}, more), topics: [{ topic: 'orders', partitions }] }
}

async function expectAsked(brokers: readonly FakeBroker[], count: number): Promise<void> {
  for (const broker of brokers) await broker.asked(fetchApi, count)
}

describe('a fetch from one leader', () => {
  it('waits there for records', async () => {
    const { cluster, transport, waits } = await knownCluster([1, 1])
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    await cluster.broker(1).asked(fetchApi)
    cluster.append('orders', 1, batch(9))
    expect(marksIn(await within(answer, 'the fetch'))).toEqual([undefined, 9])
    expect(waits(1)).toEqual([5000])
  })

  it('says all that it wants', async () => {
    const { cluster, transport } = await knownCluster([1])
    const request = fetching({ orders: [0] }, { maxWaitMs: 0, minBytes: 7, maxBytes: 500, fetchOffset: 3 })
    await transport.send(fetch, { ...request, isolationLevel: 'read_committed' })
    expect(cluster.broker(1).requestsOf(fetchApi)).toMatchObject([
      {
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 7,
        maxBytes: 500,
        isolationLevel: 1,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [
          {
            topicId: cluster.idOf('orders'),
            partitions: [
              {
                partition: 0,
                currentLeaderEpoch: -1,
                fetchOffset: 3,
                lastFetchedEpoch: -1,
                logStartOffset: -1,
                partitionMaxBytes: 1_000_000,
              },
            ],
          },
        ],
        forgottenTopics: [],
        rackId: '',
      },
    ])
  })

  it('has aborted transactions for readers of committed records alone', async () => {
    const { cluster, transport } = await knownCluster([1])
    const aborted = [{ producerId: 4, firstOffset: 2 }]
    for (const abortedTransactions of [aborted, null, aborted])
      cluster.broker(1).once(fetchApi, () => ({
        throttleTimeMs: 0,
        errorCode: 0,
        sessionId: 0,
        topics: [
          { topicId: cluster.idOf('orders'), partitions: [{ ...fetchedFrom(0, batch(1), 1), abortedTransactions }] },
        ],
      }))
    const seen: unknown[] = []
    for (const isolationLevel of ['read_committed', 'read_committed', 'read_uncommitted'] as const) {
      const { topics } = await transport.send(fetch, { ...fetching({ orders: [0] }), isolationLevel })
      seen.push(topics[0]?.partitions[0]?.abortedTransactions)
    }
    expect(seen).toEqual([aborted, [], null])
  })

  it.each([
    [30_000, 10_000],
    [10_001, 10_000],
    [9999, 9999],
  ])('that may take %d ms waits for at most 10 s: %d ms', async (maxWaitMs, expected) => {
    const { clock, cluster, transport, waits } = await knownCluster([1])
    const answer = transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs }))
    await cluster.broker(1).asked(fetchApi)
    expect(waits(1)).toEqual([expected])
    clock.advance(expected)
    expect(marksIn(await within(answer, 'the fetch'))).toEqual([undefined])
    expect(waits(1)).toHaveLength(1)
  })

  it('that the broker refuses as a whole has an error for its partitions', async () => {
    const { cluster, transport } = await knownCluster([1])
    cluster.broker(1).once(fetchApi, () => ({
      throttleTimeMs: 0,
      errorCode: codeOf('INVALID_REQUEST'),
      sessionId: 0,
      topics: [],
    }))
    const outcome = await outcomeOf(transport.send(fetch, fetching({ orders: [0] })))
    const code =
      outcome instanceof Error
        ? (outcome as { kafkaCode?: number }).kafkaCode
        : (outcome as ResponseOf<typeof fetch>).topics[0]?.partitions[0]?.errorCode
    expect(code).toBe(codeOf('INVALID_REQUEST'))
  })
})

describe('a fetch of nothing', () => {
  /** Ends a loop that would run for ever without giving the event loop a turn. */
  class ImpatientClock extends ManualClock {
    #asked = 0

    override monotonic(): number {
      if (++this.#asked > 10_000) throw new Error('the time was asked for ten thousand times')
      return super.monotonic()
    }
  }

  it.each<[string, RequestOf<typeof fetch>['topics']]>([
    ['no topics', []],
    ['a topic without partitions', [{ topic: 'orders', partitions: [] }]],
  ])('that names %s is answered at once, and does not occupy the process', async (_, topics) => {
    const { transport } = await knownCluster([1, 2], new ImpatientClock())
    const answer = await within(transport.send(fetch, { ...fetching({}, { maxWaitMs: 5000 }), topics }), 'the fetch')
    expect(answer.topics).toEqual(topics)
  })
})

describe('a fetch from several leaders', () => {
  it('is one round when all is there', async () => {
    const { cluster, transport, waits } = await knownCluster()
    cluster.append('orders', 0, batch(1))
    cluster.append('orders', 1, batch(2))
    const answer = await transport.send(fetch, fetching({ orders: [1, 0] }, { maxWaitMs: 5000 }))
    expect(marksIn(answer)).toEqual([2, 1])
    expect([waits(1), waits(2)]).toEqual([[0], [0]])
  })

  it('is one round also when only one of them has something', async () => {
    const { cluster, transport, waits } = await knownCluster()
    cluster.append('orders', 1, batch(2))
    const answer = await transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    expect(marksIn(answer)).toEqual([undefined, 2])
    expect([waits(1), waits(2)]).toEqual([[0], [0]])
  })

  it('is one round when nobody is to wait', async () => {
    const { transport, waits } = await knownCluster()
    expect(marksIn(await transport.send(fetch, fetching({ orders: [0, 1] })))).toEqual([undefined, undefined])
    expect([waits(1), waits(2)]).toEqual([[0], [0]])
  })

  it('lets all of them wait when nothing is there, until the first has something', async () => {
    const { cluster, transport, waits } = await knownCluster([1, 2, 3])
    const answer = transport.send(fetch, fetching({ orders: [0, 1, 2] }, { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 2)
    expect([waits(1), waits(2), waits(3)]).toEqual(Array(3).fill([0, 5000]))
    cluster.append('orders', 1, batch(7))
    const { topics } = await within(answer, 'the fetch')
    expect(marksIn({ throttleTimeMs: 0, topics })).toEqual([undefined, 7, undefined])
    expect(topics[0]?.partitions.map(({ partition, errorCode }) => [partition, errorCode])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ])
  })

  it('leaves those that go on waiting to the next one, which loses nothing of what they find', async () => {
    const { cluster, transport, waits } = await knownCluster()
    const first = transport.send(fetch, fetchingFrom([0, 0], { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 2)
    cluster.append('orders', 0, batch(1))
    expect(marksIn(await within(first, 'the first'))).toEqual([1, undefined])
    const second = transport.send(fetch, fetchingFrom([1, 0], { maxWaitMs: 5000 }))
    await cluster.broker(1).asked(fetchApi, 4)
    await cluster.broker(2).asked(fetchApi, 3)
    await turns()
    // Broker 2 was asked for existing records, and continues with its earlier poll.
    expect(waits(2)).toEqual([0, 5000, 0])
    cluster.append('orders', 1, batch(2))
    expect(marksIn(await within(second, 'the second'))).toEqual([undefined, 2])
    await turns()
    expect(waits(2)).toEqual([0, 5000, 0])
  })

  it('gives what came in between two of them to the second', async () => {
    const { cluster, transport } = await knownCluster()
    const first = transport.send(fetch, fetchingFrom([0, 0], { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 2)
    cluster.append('orders', 0, batch(1))
    await within(first, 'the first')
    // The abandoned poll is answered when nobody listens.
    cluster.append('orders', 1, batch(2))
    await turns()
    expect(marksIn(await transport.send(fetch, fetchingFrom([1, 0], { maxWaitMs: 5000 })))).toEqual([undefined, 2])
  })

  it('is asked anew where the next one wants something else', async () => {
    const { cluster, transport, waits } = await knownCluster()
    const first = transport.send(fetch, fetchingFrom([0, 0], { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 2)
    cluster.append('orders', 0, batch(1))
    await within(first, 'the first')
    // Another caller reads from other offsets.
    const second = transport.send(fetch, fetchingFrom([1, 1], { maxWaitMs: 5000 }))
    await cluster.broker(2).asked(fetchApi, 4)
    cluster.append('orders', 1, batch(2))
    cluster.append('orders', 1, batch(3))
    expect(marksIn(await within(second, 'the second'))).toEqual([undefined, 3])
    expect(waits(2)).toEqual([0, 5000, 0, 5000])
  })

  it('keeps its time: all of them wait for what is left of it, and no longer', async () => {
    const { clock, cluster, transport, waits } = await knownCluster()
    const held = deferred()
    cluster.broker(1).once(fetchApi, async () => {
      await held.promise
      const topics = [{ topicId: cluster.idOf('orders'), partitions: [fetchedFrom(0, new Uint8Array(0), 0)] }]
      return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, topics }
    })
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    await cluster.broker(1).asked(fetchApi)
    // The first round takes a while.
    clock.advance(1200)
    held.resolve()
    await expectAsked(cluster.brokers, 2)
    expect([waits(1), waits(2)]).toEqual(Array(2).fill([0, 3800]))
    clock.advance(3800)
    expect(marksIn(await within(answer, 'the fetch'))).toEqual([undefined, undefined])
    expect([waits(1), waits(2)]).toEqual(Array(2).fill([0, 3800]))
  })

  it('keeps its time also when a poll that was left by another has more of it', async () => {
    const { clock, cluster, transport } = await knownCluster()
    const first = transport.send(fetch, fetchingFrom([0, 0], { maxWaitMs: 10_000 }))
    await expectAsked(cluster.brokers, 2)
    cluster.append('orders', 0, batch(1))
    await within(first, 'the first')
    const second = transport.send(fetch, fetchingFrom([1, 0], { maxWaitMs: 500 }))
    await cluster.broker(1).asked(fetchApi, 4)
    await turns()
    clock.advance(500)
    expect(marksIn(await within(second, 'the second'))).toEqual([undefined, undefined])
  })

  it('goes on waiting when a poll that was left by another has less time', async () => {
    const { clock, cluster, transport, waits } = await knownCluster()
    const first = transport.send(fetch, fetchingFrom([0, 0], { maxWaitMs: 1000 }))
    await expectAsked(cluster.brokers, 2)
    cluster.append('orders', 0, batch(1))
    await within(first, 'the first')
    const second = transport.send(fetch, fetchingFrom([1, 0], { maxWaitMs: 5000 }))
    await cluster.broker(1).asked(fetchApi, 4)
    await turns()
    clock.advance(1000)
    await turns()
    cluster.append('orders', 1, batch(2))
    expect(marksIn(await within(second, 'the second'))).toEqual([undefined, 2])
    expect(waits(2).length).toBeGreaterThanOrEqual(3)
  })

  it('waits for at most 10 s', async () => {
    const { clock, cluster, transport, waits } = await knownCluster()
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 60_000 }))
    await expectAsked(cluster.brokers, 2)
    expect([waits(1), waits(2)]).toEqual(Array(2).fill([0, 10_000]))
    clock.advance(10_000)
    await within(answer, 'the fetch')
    expect([waits(1).length, waits(2).length]).toEqual([2, 2])
  })

  it('is content with minBytes from all of them together', async () => {
    const { cluster, transport, waits } = await knownCluster()
    cluster.append('orders', 0, batch(1))
    cluster.append('orders', 1, batch(2))
    const request = fetching({ orders: [0, 1] }, { maxWaitMs: 5000, minBytes: 200 })
    expect(marksIn(await within(transport.send(fetch, request), 'the fetch'))).toEqual([1, 2])
    expect([waits(1), waits(2)]).toEqual([[0], [0]])
  })

  it('waits for minBytes, and has all that is there when the time is up', async () => {
    const { clock, cluster, transport } = await knownCluster()
    cluster.append('orders', 0, batch(1))
    const request = fetching({ orders: [0, 1] }, { maxWaitMs: 5000, minBytes: 300 })
    const answer = transport.send(fetch, request)
    await expectAsked(cluster.brokers, 2)
    cluster.append('orders', 1, batch(2))
    await turns()
    clock.advance(5000)
    expect(marksIn(await within(answer, 'the fetch'))).toEqual([1, 2])
  })

  it('keeps what one had before when another ends the wait', async () => {
    const { cluster, transport } = await knownCluster()
    cluster.append('orders', 0, batch(1))
    const request = fetching({ orders: [0, 1] }, { maxWaitMs: 5000, minBytes: 150 })
    const answer = transport.send(fetch, request)
    await expectAsked(cluster.brokers, 2)
    for (const mark of [2, 3]) cluster.append('orders', 1, batch(mark))
    expect(marksIn(await within(answer, 'the fetch'))).toEqual([1, 3])
  })

  it('ends at once with an error in one partition', async () => {
    const { cluster, transport } = await knownCluster()
    cluster.moveLeader('orders', 1, 1)
    const request = fetching({ orders: [0, 1] }, { maxWaitMs: 5000 })
    const { topics } = await within(transport.send(fetch, request), 'the fetch')
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, codeOf('NOT_LEADER_OR_FOLLOWER')])
  })

  it('ends at once with a partition that there is not', async () => {
    const { transport } = await knownCluster()
    const request = fetching({ orders: [0, 1, 2] }, { maxWaitMs: 5000 })
    const { topics } = await within(transport.send(fetch, request), 'the fetch')
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 0, 3])
  })

  it('ends at once with an error that comes while they wait', async () => {
    const { cluster, transport } = await knownCluster()
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 2)
    cluster.moveLeader('orders', 1, 1)
    cluster.changes.announce()
    const { topics } = await within(answer, 'the fetch')
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, codeOf('NOT_LEADER_OR_FOLLOWER')])
  })

  it('ends at once with a connection that is lost while they wait', async () => {
    const { cluster, transport } = await knownCluster()
    const empty = { throttleTimeMs: 0, errorCode: 0, sessionId: 0 }
    const lost = deferred()
    cluster.broker(2).once(
      fetchApi,
      () => ({
        ...empty,
        topics: [{ topicId: cluster.idOf('orders'), partitions: [fetchedFrom(1, new Uint8Array(0), 0)] }],
      }),
      async () => {
        await lost.promise
        return closeConnection
      },
    )
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 2)
    lost.resolve()
    const { topics } = await within(answer, 'the fetch')
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, codeOf('NETWORK_EXCEPTION')])
  })

  it('that two readers make at the same time is answered to both', async () => {
    const { cluster, transport, waits } = await knownCluster()
    const request = fetching({ orders: [0, 1] }, { maxWaitMs: 5000 })
    const answers = [transport.send(fetch, request), transport.send(fetch, request)]
    await expectAsked(cluster.brokers, 3)
    await turns()
    cluster.append('orders', 0, batch(4))
    expect((await within(Promise.all(answers), 'both')).map(marksIn)).toEqual([
      [4, undefined],
      [4, undefined],
    ])
    expect(waits(2)).toEqual([0, 0, 5000])
  })

  it('that is given up ends at once, and leaves nothing that keeps a later one from its records', async () => {
    const { cluster, transport } = await knownCluster()
    const abort = new AbortController()
    const request = fetchingFrom([0, 0], { maxWaitMs: 5000 })
    const first = outcomeOf(transport.send(fetch, request, { signal: abort.signal }))
    await expectAsked(cluster.brokers, 2)
    abort.abort(new Error('no longer'))
    expect(await within(first, 'the end')).toEqual(new Error('no longer'))
    const second = transport.send(fetch, request)
    await expectAsked(cluster.brokers, 3)
    cluster.append('orders', 1, batch(5))
    expect(marksIn(await within(second, 'the second'))).toEqual([undefined, 5])
  })

  it('leaves no timer when it is over before its time', async () => {
    const { clock, cluster, transport } = await knownCluster()
    // All connections exist, with the timers that close them one day.
    await transport.send(fetch, fetching({ orders: [0, 1] }))
    const before = clock.pendingTimers
    cluster.broker(2).once(
      fetchApi,
      () => ({
        throttleTimeMs: 0,
        errorCode: 0,
        sessionId: 0,
        topics: [{ topicId: cluster.idOf('orders'), partitions: [fetchedFrom(1, new Uint8Array(0), 0)] }],
      }),
      () => neverAnswer,
    )
    const answer = transport.send(fetch, fetching({ orders: [0, 1] }, { maxWaitMs: 5000 }))
    await expectAsked(cluster.brokers, 3)
    expect(clock.pendingTimers).toBeGreaterThan(before)
    cluster.append('orders', 0, batch(1))
    await within(answer, 'the fetch')
    expect(clock.pendingTimers).toBe(before)
  })

  it('opens no more connections to a broker however often one of the others ends the wait', async () => {
    const { cluster, transport } = await knownCluster()
    for (let count = 0; count < 10; count++) {
      const answer = transport.send(fetch, fetchingFrom([count, 0], { maxWaitMs: 5000 }))
      await cluster.broker(1).asked(fetchApi, 2 * count + 2)
      cluster.append('orders', 0, batch(1))
      await within(answer, `fetch ${count}`)
    }
    expect(new Set(cluster.broker(2).connectionsOf(fetchApi)).size).toBeLessThanOrEqual(2)
  })
})
