import {
  addOffsetsToTxn,
  codeOf,
  consumerGroupHeartbeat,
  DisconnectedError,
  endTxn,
  fetch,
  initProducerId,
  KafkaError,
  listOffsets,
  metadata,
  produce,
  UnauthorizedError,
} from '@kafkado/core'
import { AdjustableClock, ManualClock } from '@kafkado/core/internal'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { lastBytes, type Misbehaviour, neverAnswer, rawBody, rawBytes } from '../../test/fake-broker.ts'
import { startCluster } from '../../test/fake-cluster.ts'
import { fetchedFrom } from '../../test/fake-partitions.ts'
import { askForPassword, saslAuthenticateApi } from '../../test/fake-sasl.ts'
import { batchOf, joined } from '../../test/record-batches.ts'
import { fetching, heartbeatOf, listing, producing } from '../../test/requests.ts'
import { outcomeOf, turns, within } from '../../test/waiting.ts'
import { produceApi } from '../operations/00-produce.ts'
import { fetchApi } from '../operations/01-fetch.ts'
import { apiVersionsApi } from './broker-versions.ts'
import { addOffsetsToTxnApi } from '../operations/25-add-offsets-to-txn.ts'
import { endTxnApi } from '../operations/26-end-txn.ts'
import { initProducerIdApi } from '../operations/22-init-producer-id.ts'
import { consumerGroupHeartbeatApi } from '../operations/68-consumer-group-heartbeat.ts'
import { listOffsetsApi } from '../cluster/list-offsets-api.ts'
import { metadataApi } from '../cluster/metadata-api.ts'

const codes = ({ topics }: { topics: readonly { partitions: readonly { errorCode: number }[] }[] }): number[] =>
  topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))

const beat = heartbeatOf('g')
const allTopics = { topics: null, allowAutoTopicCreation: false }

describe('an answer that cannot be read', () => {
  it.each<[string, Misbehaviour]>([
    ['empty', rawBody()],
    ['cut', rawBody(0, 0, 0, 0, 0, 0)],
    ['of something else', rawBody(...Array<number>(40).fill(0xff))],
    ['of a length that cannot be', rawBody(0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f)],
  ])('because it is %s is said to be so, and the next request takes a new connection', async (_, misbehaviour) => {
    const { cluster, transport } = await startCluster(1)
    await transport.send(consumerGroupHeartbeat, beat)
    cluster.broker(1).once(consumerGroupHeartbeatApi, () => misbehaviour)
    const error = await within(outcomeOf(transport.send(consumerGroupHeartbeat, beat)), 'the error')
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toMatchObject({ code: 'INVALID_RESPONSE', outcome: 'unknown', retriable: false })
    expect((error as Error).message).toContain(cluster.broker(1).address)
    expect((error as Error).message).toContain('ConsumerGroupHeartbeat')
    expect(await transport.send(consumerGroupHeartbeat, beat)).toMatchObject({ memberEpoch: 2 })
    const [first, second, third] = cluster.broker(1).connectionsOf(consumerGroupHeartbeatApi)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  it('of one leader does not keep what the others answer', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1, 2])
    cluster.broker(2).once(produceApi, () => rawBody(9))
    const outcome = await outcomeOf(transport.send(produce, producing({ orders: [0, 1] })))
    expect(codes(outcome as Parameters<typeof codes>[0])).toEqual([0, codeOf('UNKNOWN_SERVER_ERROR')])
  })

  it('fails what else is under way on the connection, of which nobody knows', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    await transport.send(produce, producing({ orders: [0] }))
    cluster.broker(1).once(
      produceApi,
      () => rawBody(9),
      () => neverAnswer,
    )
    const outcomes = [1, 2].map(() => outcomeOf(transport.send(produce, producing({ orders: [0] }))))
    const [, second] = await within(Promise.all(outcomes), 'the errors')
    expect(codes(second as Parameters<typeof codes>[0])).toEqual([codeOf('NETWORK_EXCEPTION')])
  })

  it('because it belongs to no request ends the connection, and nobody knows', async () => {
    const { cluster, transport } = await startCluster(1)
    await transport.send(consumerGroupHeartbeat, beat)
    const endTransaction = { transactionalId: 't', producerId: 1, producerEpoch: 1, committed: true }
    cluster.broker(1).once(endTxnApi, (_, { frameOf }) => {
      const frame = frameOf({ throttleTimeMs: 0, errorCode: 0, producerId: 1, producerEpoch: 1 })
      frame.writeInt32BE(123_456, 4)
      return rawBytes(frame)
    })
    cluster.broker(1).once(endTxnApi, () => ({ throttleTimeMs: 0, errorCode: 0, producerId: 1, producerEpoch: 2 }))
    // It may be repeated, so it is.
    expect(await within(transport.send(endTxn, endTransaction), 'the answer')).toMatchObject({ producerEpoch: 2 })
    expect(new Set(cluster.broker(1).connectionsOf(endTxnApi)).size).toBe(2)
  })

  it.each([
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a listener that wants TLS', Buffer.from('15030300020228', 'hex')],
    ['something that says nothing in many bytes', Buffer.alloc(64)],
  ])('because it is of %s is a broker that cannot be reached, with a hint', async (_, content) => {
    const { cluster, transport } = await startCluster(1, new AdjustableClock(), { retries: 0 })
    cluster.broker(1).always(apiVersionsApi, () => lastBytes(content))
    const error = await within(outcomeOf(transport.send(metadata, allTopics)), 'the error')
    expect(error).toBeInstanceOf(DisconnectedError)
    expect(error).toMatchObject({ outcome: 'failed', message: expect.stringMatching(/TLS or SASL/) })
  })
})

describe('a broker that takes a connection and says nothing', () => {
  it('cannot be reached when the time for connecting is over', async () => {
    const { cluster, transport } = await startCluster(1, new AdjustableClock(), { retries: 0, connectTimeout: 50 })
    cluster.broker(1).always(apiVersionsApi, () => neverAnswer)
    const error = await within(outcomeOf(transport.send(metadata, allTopics)), 'the error')
    expect(error).toBeInstanceOf(DisconnectedError)
    expect(error).toMatchObject({ outcome: 'failed' })
    await cluster.broker(1).connected(0)
  })

  it('is no obstacle as long as there is another', async () => {
    const clock = new AdjustableClock()
    const { cluster } = await startCluster(2, clock)
    const silent = vi.fn(() => neverAnswer)
    cluster.broker(1).always(apiVersionsApi, silent)
    const brokers = cluster.brokers.map(({ address }) => address)
    const transport = cluster.connect({ brokers, retries: 0, connectTimeout: '10s' })
    const answer = transport.send(metadata, allTopics)
    await cluster.broker(1).until(
      () => silent.mock.calls.length > 0,
      () => 'broker 1 was not asked',
    )
    clock.advance('10s')
    expect(await within(answer, 'the other one')).toMatchObject({ clusterId: 'fake' })
  })

  it('ends a request that has taken the whole time of a connection, however long the caller would wait', async () => {
    const { cluster, transport } = await startCluster(1, new ManualClock(), { timeout: '1s' })
    cluster.addTopic('orders', [1])
    await transport.send(produce, producing({ orders: [0] }))
    cluster.broker(1).once(produceApi, () => neverAnswer)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const answer = transport.send(produce, producing({ orders: [0] }), { timeoutMs: 1_000_000 })
    for (let turn = 0; turn < 1000 && cluster.broker(1).requestsOf(produceApi).length < 2; turn++) await turns(1)
    vi.advanceTimersByTime(31_000)
    expect(codes(await answer)).toEqual([codeOf('REQUEST_TIMED_OUT')])
  })
})

describe('an answer that comes in pieces', () => {
  it('is the same wherever it is cut', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    await transport.send(listOffsets, listing({ orders: [0] }))
    const answer = {
      throttleTimeMs: 0,
      topics: [
        { topic: 'orders', partitions: [{ partition: 0, errorCode: 0, timestamp: 5, offset: 6, leaderEpoch: 7 }] },
      ],
    }
    let cut = 1
    let length = 2
    cluster.broker(1).always(listOffsetsApi, (_, { frameOf }) => {
      const frame = frameOf(answer)
      length = frame.length
      return rawBytes(frame.subarray(0, cut), frame.subarray(cut))
    })
    for (; cut < length; cut++) {
      const { topics } = await within(transport.send(listOffsets, listing({ orders: [0] })), `the answer cut at ${cut}`)
      expect(topics[0]?.partitions).toMatchObject([{ timestamp: 5, offset: 6 }])
    }
    expect(length).toBeGreaterThan(40)
    const used = cluster.broker(1).connectionsOf(listOffsetsApi)
    expect(new Set(used).size).toBeLessThanOrEqual(2)
  })

  it('is the same byte by byte, and so is the answer that comes in the same piece as its end', async () => {
    const { cluster, transport } = await startCluster(1)
    await transport.send(consumerGroupHeartbeat, beat)
    let rest = Buffer.alloc(0)
    const frames: Buffer[] = []
    cluster.broker(1).once(
      consumerGroupHeartbeatApi,
      (_, { frameOf }) => {
        frames.push(frameOf({ ...beatAnswer, memberEpoch: 10 }))
        // The second answer is sent with the first one, when the second request has come.
        return rawBytes()
      },
      (_, { frameOf }) => {
        frames.push(frameOf({ ...beatAnswer, memberEpoch: 11 }))
        rest = Buffer.concat(frames)
        const bytes = Array.from(rest.subarray(0, 30), (byte) => Uint8Array.of(byte))
        return rawBytes(...bytes, rest.subarray(30))
      },
    )
    const answers = [1, 2].map(() => transport.send(consumerGroupHeartbeat, beat))
    expect(await within(Promise.all(answers), 'the answers')).toMatchObject([{ memberEpoch: 10 }, { memberEpoch: 11 }])
  })

  it('may be larger than what a socket takes at once, both ways', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    const batches = [1, 2, 3].map((mark) => batchOf({ bytes: 3_000_000, mark }))
    for (const [index, batch] of batches.entries()) {
      const request = producing({ orders: [0] }, { bytes: batch.length, mark: index + 1 })
      expect(await transport.send(produce, request)).toMatchObject({
        topics: [{ partitions: [{ baseOffset: index }] }],
      })
    }
    const { topics } = await transport.send(fetch, fetching({ orders: [0] }))
    const records = topics[0]?.partitions[0]?.records as Uint8Array
    const expected = joined(...[1, 2, 3].map((mark) => batchOf({ bytes: 3_000_000, mark, producerId: 7 })))
    expect(Buffer.compare(records, expected)).toBe(0)
  })

  it('does not keep a fetched batch from being whole', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    const batch = batchOf({ bytes: 200_000, mark: 5 })
    cluster.broker(1).once(fetchApi, (_, { frameOf }) => {
      const topics = [{ topicId: cluster.idOf('orders'), partitions: [fetchedFrom(0, batch, 1)] }]
      const frame = frameOf({ throttleTimeMs: 0, errorCode: 0, sessionId: 0, topics })
      const chunks = Array.from({ length: 40 }, (__, index) => frame.subarray(index * 5003, (index + 1) * 5003))
      return rawBytes(...chunks)
    })
    const { topics } = await within(transport.send(fetch, fetching({ orders: [0] })), 'the fetch')
    expect(Buffer.compare(topics[0]?.partitions[0]?.records as Uint8Array, batch)).toBe(0)
  })
})

const beatAnswer = {
  throttleTimeMs: 0,
  errorCode: 0,
  errorMessage: null,
  memberId: 'm',
  memberEpoch: 1,
  heartbeatIntervalMs: 5000,
  assignment: null,
}

describe('a broker that is too old', () => {
  it.each([
    ['has the API only in older versions', { minVersion: 0, maxVersion: 0 }, /it has versions 0 to 0/],
    ['has the API only in later versions', { minVersion: 2, maxVersion: 3 }, /it has versions 2 to 3/],
    ['does not have the API', undefined, /it does not have it/],
  ])('%s: the error names the broker, the API and what is needed', async (_, versions, has) => {
    const { cluster, transport } = await startCluster(1)
    if (versions) cluster.broker(1).versions.set(consumerGroupHeartbeatApi.key, versions)
    else cluster.broker(1).versions.delete(consumerGroupHeartbeatApi.key)
    const error = await within(outcomeOf(transport.send(consumerGroupHeartbeat, beat)), 'the error')
    expect(error).toMatchObject({ code: 'UNSUPPORTED_VERSION', kafkaCode: 35, retriable: false, outcome: 'failed' })
    for (const part of [cluster.broker(1).address, 'ConsumerGroupHeartbeat', 'version 1', 'Apache Kafka 4.0', has])
      expect((error as Error).message).toMatch(part)
    expect(cluster.broker(1).requestsOf(consumerGroupHeartbeatApi)).toHaveLength(0)
  })

  it('is told apart from others in a cluster that is being upgraded', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1, 2])
    cluster.broker(2).versions.set(produceApi.key, { minVersion: 3, maxVersion: 11 })
    const answer = await outcomeOf(transport.send(produce, producing({ orders: [0, 1] })))
    expect(codes(answer as Parameters<typeof codes>[0])).toEqual([0, codeOf('UNSUPPORTED_VERSION')])
  })

  it('is asked anew on a new connection', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.broker(1).versions.delete(consumerGroupHeartbeatApi.key)
    await expect(transport.send(consumerGroupHeartbeat, beat)).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' })
    cluster.broker(1).versions.set(consumerGroupHeartbeatApi.key, { minVersion: 0, maxVersion: 9 })
    cluster.broker(1).dropConnections()
    await cluster.broker(1).connected(0)
    await turns()
    expect(await transport.send(consumerGroupHeartbeat, beat)).toMatchObject({ memberEpoch: 2 })
  })

  it('is known by its refusal of ApiVersions, which it answers in the form of version 0', async () => {
    const { cluster, transport } = await startCluster(1, new AdjustableClock(), { retries: 0 })
    // UNSUPPORTED_VERSION, and one API: ApiVersions 0 to 2.
    cluster.broker(1).always(apiVersionsApi, () => rawBody(0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 2))
    const error = await within(outcomeOf(transport.send(metadata, allTopics)), 'the error')
    expect(error).toMatchObject({ code: 'UNSUPPORTED_VERSION', retriable: false })
    expect((error as Error).message).toMatch(/Apache Kafka 4\.0/)
    expect((error as Error).message).toContain(cluster.broker(1).address)
  })
})

describe('a cluster that has not agreed on transactions of the second version', () => {
  const begin = { transactionalId: 't', transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
  const end = { transactionalId: 't', producerId: 1, producerEpoch: 1, committed: true }

  it.each([
    ['level 1', 1],
    ['no level', undefined],
  ])('refuses them with what to do: %s', async (_, level) => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    if (level === undefined) cluster.broker(1).features.clear()
    else cluster.broker(1).features.set('transaction.version', level)
    const inTransaction = producing({ orders: [0] }, { transactionalId: 't' })
    const outcomes = [
      outcomeOf(transport.send(initProducerId, begin)),
      outcomeOf(transport.send(endTxn, end)),
      outcomeOf(transport.send(produce, inTransaction)).then((answer) => {
        if (answer instanceof Error) return answer
        const [partition] =
          (answer as Awaited<ReturnType<typeof transport.send<typeof produce>>>).topics[0]?.partitions ?? []
        return Object.assign(new Error(partition?.errorMessage ?? ''), { kafkaCode: partition?.errorCode })
      }),
    ]
    for (const error of await within(Promise.all(outcomes), 'the errors')) {
      expect(error).toMatchObject({ kafkaCode: codeOf('UNSUPPORTED_VERSION') })
      expect((error as Error).message).toMatch(
        /transaction\.version.*kafka-features\.sh upgrade --feature transaction\.version=2/,
      )
    }
    for (const api of [initProducerIdApi, endTxnApi, produceApi])
      expect(cluster.broker(1).connectionsOf(api)).toHaveLength(0)
  })

  it('does not refuse what is not in a transaction', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    cluster.broker(1).features.clear()
    expect(codes(await transport.send(produce, producing({ orders: [0] })))).toEqual([0])
  })

  it('is not what one is that has a later level', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    cluster.broker(1).features.set('transaction.version', 3)
    cluster.broker(1).always(addOffsetsToTxnApi, () => ({ throttleTimeMs: 3, errorCode: 0 }))
    const producer = { transactionalId: 't', producerId: 1, producerEpoch: 1 }
    expect(codes(await transport.send(produce, producing({ orders: [0] }, { transactionalId: 't' })))).toEqual([0])
    expect(await transport.send(addOffsetsToTxn, { ...producer, groupId: 'g' })).toEqual({ throttleTimeMs: 3 })
  })
})

describe('a connection that says who it is', () => {
  const sasl = { mechanism: 'PLAIN', username: 'admin', password: 'hunter2' } as const
  const credentials = '\0admin\0hunter2'

  it('says it before anything else, with each connection anew', async () => {
    const { cluster } = await startCluster(1)
    cluster.addTopic('orders', [1])
    askForPassword(cluster.broker(1), credentials)
    const transport = cluster.connect({ sasl })
    await transport.send(consumerGroupHeartbeat, beat)
    await transport.send(produce, producing({ orders: [0] }))
    const first = new Map<number, string>()
    for (const { connection, api } of cluster.broker(1).received.toReversed()) first.set(connection, api.name)
    expect([...first.values()].every((name) => name === 'SaslHandshake')).toBe(true)
    expect(first.size).toBeGreaterThanOrEqual(3)
  })

  it('asks for a secret that changes with each connection', async () => {
    const { cluster } = await startCluster(1)
    askForPassword(cluster.broker(1), credentials)
    let asked = 0
    const password = (): Promise<string> => Promise.resolve(++asked === 1 ? 'hunter1' : 'hunter2')
    const transport = cluster.connect({ sasl: { ...sasl, password } })
    await expect(transport.send(consumerGroupHeartbeat, beat)).rejects.toBeInstanceOf(UnauthorizedError)
    expect(await transport.send(consumerGroupHeartbeat, beat)).toMatchObject({ memberEpoch: 2 })
  })

  it('is refused with words of the broker, and without the password', async () => {
    const { cluster } = await startCluster(1)
    askForPassword(cluster.broker(1), '\0admin\0other')
    const error = await within(outcomeOf(cluster.connect({ sasl }).send(consumerGroupHeartbeat, beat)), 'the error')
    expect(error).toBeInstanceOf(UnauthorizedError)
    expect(error).toMatchObject({
      retriable: false,
      outcome: 'failed',
      kafkaCode: codeOf('SASL_AUTHENTICATION_FAILED'),
    })
    expect((error as Error).message).toMatch(/PLAIN.*Invalid username or password/)
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('hunter2')
    // Whoever is refused is not to knock again and again.
    expect(cluster.broker(1).requestsOf(saslAuthenticateApi)).toHaveLength(1)
  })

  it('leaves no socket when it is refused by a broker that does not close', async () => {
    const { cluster } = await startCluster(1)
    askForPassword(cluster.broker(1), '\0admin\0other')
    const clock = cluster.clock as AdjustableClock
    const transport = cluster.connect({ sasl })
    await outcomeOf(transport.send(consumerGroupHeartbeat, beat))
    await transport.close()
    clock.advance('10s')
    await cluster.broker(1).connected(0)
  })

  it('is replaced before its time is up, without failing what is under way', async () => {
    const clock = new AdjustableClock()
    const { cluster } = await startCluster(1, clock)
    askForPassword(cluster.broker(1), credentials, 60_000)
    const transport = cluster.connect({ sasl })
    const connections = (): number[] => cluster.broker(1).connectionsOf(consumerGroupHeartbeatApi)
    await transport.send(consumerGroupHeartbeat, beat)
    clock.advance('30s')
    await transport.send(consumerGroupHeartbeat, beat)
    let goOn: () => void = () => undefined
    cluster.broker(1).once(consumerGroupHeartbeatApi, async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      return { ...beatAnswer, memberEpoch: 77 }
    })
    const underWay = transport.send(consumerGroupHeartbeat, beat)
    await cluster.broker(1).asked(consumerGroupHeartbeatApi, 3)
    // Just after four fifths of its life.
    clock.advance('19s')
    const open = cluster.broker(1).openConnections
    expect(await within(transport.send(consumerGroupHeartbeat, beat), 'the next one')).toMatchObject({ memberEpoch: 2 })
    const [first, second, third, fourth] = connections()
    expect([second, third]).toEqual([first, first])
    expect(fourth).not.toBe(first)
    expect(cluster.broker(1).openConnections).toBe(open + 1)
    goOn()
    expect(await underWay).toMatchObject({ memberEpoch: 77 })
    // The old one is closed when it has nothing more to do.
    await cluster.broker(1).connected(open)
    expect(cluster.broker(1).requestsOf(metadataApi).length).toBeLessThanOrEqual(1)
  })

  it('ends with the client also when it has been replaced and something is still under way on it', async () => {
    const clock = new AdjustableClock()
    const { cluster } = await startCluster(1, clock)
    askForPassword(cluster.broker(1), credentials, 60_000)
    const transport = cluster.connect({ sasl })
    cluster.broker(1).once(consumerGroupHeartbeatApi, () => neverAnswer)
    const underWay = outcomeOf(transport.send(consumerGroupHeartbeat, beat))
    await cluster.broker(1).asked(consumerGroupHeartbeatApi)
    clock.advance('49s')
    // The timeout of the first one is over as well, but its connection still waits for the answer.
    expect(await underWay).toMatchObject({ code: 'TIMEOUT' })
    await within(transport.send(consumerGroupHeartbeat, beat), 'the next one')
    await within(transport.close(), 'close()')
    await cluster.broker(1).connected(0)
  })
})

describe('what a broker is told of its client', () => {
  it('is the id that was given', async () => {
    const { cluster } = await startCluster(1)
    await cluster.connect({ clientId: 'bestellungen-ü' }).send(consumerGroupHeartbeat, beat)
    expect(new Set(cluster.broker(1).received.map(({ clientId }) => clientId))).toEqual(new Set(['bestellungen-ü']))
  })
})
