import { describe, expect, it } from 'vitest'
import { codeOf } from '../../errors/error-codes.ts'
import { InvalidRequestError, KafkaError, MessageTooLargeError, TimeoutError } from '../../errors/kafka-error.ts'
import {
  type AnyOperation,
  capabilities,
  createTopics,
  fetch,
  type FetchRequest,
  type FetchResponse,
  listGroups,
  listOffsets,
  metadata,
  produce,
  type RequestOf,
} from '../../protocol/index.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { systemRandom } from '../../runtime/random.ts'
import type { SendOptions, Transport } from '../../transport/transport.ts'
import { splitInterceptor } from './split-interceptor.ts'

interface Sent {
  readonly operation: AnyOperation
  // oxlint-disable-next-line typescript/no-explicit-any -- requests of all operations
  readonly request: any
  readonly options: SendOptions | undefined
}

type Answer = (sent: Sent) => unknown

const about = { server: 'test', storage: 'memory', operations: [], maxMessageBytes: 1 }

/** Sends through the interceptor to a server that gives the test's answers. */
function setUp(answer: Answer, limits: object | (() => unknown) = { maxPartitions: 3, maxBodyBytes: 100_000 }) {
  const told = typeof limits === 'function' ? (limits as () => unknown) : () => ({ ...about, limits })
  const clock = new ManualClock()
  const sent: Sent[] = []
  const next = ((operation: AnyOperation, request: unknown, options?: SendOptions) => {
    const one = { operation, request, options }
    sent.push(one)
    if (operation === capabilities) return Promise.resolve(told())
    return new Promise((resolve) => resolve(answer(one) as never))
  }) as Transport['send']
  const send = splitInterceptor({ clock, random: systemRandom })(next)
  const names = (): string[] => sent.map(({ operation }) => operation.name)
  return { send, sent, names, clock }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

const asking = (...counts: number[]): RequestOf<typeof listOffsets> => ({
  isolationLevel: 'read_committed',
  topics: counts.map((count, index) => ({
    topic: `topic-${index}`,
    partitions: numbers(count).map((partition) => ({ partition, timestamp: -1 })),
  })),
})

const offsetsAnswer: Answer = ({ request }) => ({
  throttleTimeMs: 0,
  topics: (request as RequestOf<typeof listOffsets>).topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0, timestamp: -1, offset: partition })),
  })),
})

const newTopic = (topic: string) => ({ topic, numPartitions: 1, replicationFactor: 1, configs: [] })

describe('a request that a server surely takes', () => {
  it('is sent as it is, without asking for limits', async () => {
    const { send, sent } = setUp(offsetsAnswer)
    const request = asking(999)
    await send(listOffsets, request)
    expect(sent.map((one) => one.request === request)).toEqual([true])
  })

  it('is not split when its operation lists nothing', async () => {
    const { send, names } = setUp(() => ({ throttleTimeMs: 0, groups: [] }))
    await send(listGroups, { statesFilter: Array<string>(5000).fill('Stable'), typesFilter: [] })
    expect(names()).toEqual(['listGroups'])
  })
})

describe('a larger one', () => {
  it('is split by the limits of the server, which is asked once', async () => {
    const { send, sent, names } = setUp(offsetsAnswer, { maxPartitions: 1000, maxBodyBytes: 8_000_000 })
    const answer = await send(listOffsets, asking(999, 1500, 0, 2))
    expect(names()).toEqual(['capabilities', 'listOffsets', 'listOffsets', 'listOffsets'])
    const topics = sent
      .slice(1)
      .map(({ request }) =>
        (request as RequestOf<typeof listOffsets>).topics.map(({ topic, partitions }) => [topic, partitions.length]),
      )
    expect(topics).toEqual([
      [
        ['topic-0', 999],
        ['topic-1', 1],
      ],
      [['topic-1', 1000]],
      [
        ['topic-1', 499],
        ['topic-2', 0],
        ['topic-3', 2],
      ],
    ])
    expect(answer.topics.map(({ topic, partitions }) => [topic, partitions.map(({ offset }) => offset)])).toEqual([
      ['topic-0', numbers(999)],
      ['topic-1', numbers(1500)],
      ['topic-2', []],
      ['topic-3', numbers(2)],
    ])
    await send(listOffsets, asking(1001))
    expect(names().filter((name) => name === 'capabilities')).toHaveLength(1)
  })

  it('is sent whole to a server that takes as much', async () => {
    const { send, names } = setUp(offsetsAnswer, { maxPartitions: 5000, maxBodyBytes: 8_000_000 })
    await send(listOffsets, asking(5000))
    expect(names()).toEqual(['capabilities', 'listOffsets'])
  })

  it.each([
    ['does not tell its limits', () => about],
    ['does not answer', () => Promise.reject(new TimeoutError('no answer'))],
  ])('is split in parts of 1,000 for a server that %s', async (_, told) => {
    const { send, sent, names } = setUp(offsetsAnswer, told)
    await send(listOffsets, asking(1500))
    expect(names()).toEqual(['capabilities', 'listOffsets', 'listOffsets'])
    expect(sent.slice(1).map((one) => one.request.topics[0].partitions.length)).toEqual([1000, 500])
  })

  it('is split by its bytes, record batches counted', async () => {
    const { send, sent } = setUp(({ request }) => ({
      throttleTimeMs: 0,
      topics: (request as RequestOf<typeof produce>).topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0, baseOffset: partition })),
      })),
    }))
    const records = new Uint8Array(45_000)
    const partitions = numbers(30).map((partition) => ({ partition, records }))
    const request = { transactionalId: null, acks: -1, timeoutMs: 1, topics: [{ topic: 'orders', partitions }] }
    const answer = await send(produce, request)
    expect(sent.slice(1).map((one) => one.request.topics[0].partitions.length)).toEqual(Array(15).fill(2))
    expect(answer.topics.map(({ partitions: all }) => all.map(({ baseOffset }) => baseOffset))).toEqual([numbers(30)])
  })

  it('is split when it is refused as too large, whatever is safe to assume', async () => {
    const refusing: Answer = (one) => {
      if ((one.request as RequestOf<typeof metadata>).topics!.length > 3) throw new MessageTooLargeError('too large')
      return { throttleTimeMs: 0, topics: [...one.request.topics], brokers: [] }
    }
    const { send, names } = setUp(refusing)
    const answer = await send(metadata, { topics: ['a', 'b', 'c', 'd', 'e'], allowAutoTopicCreation: false })
    expect(answer.topics).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(names()).toEqual(['metadata', 'metadata', 'capabilities', 'metadata', 'metadata'])
  })

  it.each([
    [
      'is split all the same when it may be sent again',
      metadata,
      { topics: ['a', 'b', 'c', 'd'], allowAutoTopicCreation: false },
      true,
    ],
    [
      'is refused when it may not',
      createTopics,
      { timeoutMs: 1, validateOnly: false, topics: ['a', 'b', 'c', 'd'].map(newTopic) },
      false,
    ],
  ] as const)('and whose first attempt got no answer, %s', async (_, operation, request, isSplit) => {
    // Like the error of an interceptor that retries.
    const { send } = setUp((one) => {
      if (one.request.topics.length > 3) throw new MessageTooLargeError('too large', { outcome: 'unknown' })
      return { throttleTimeMs: 0, topics: [...one.request.topics], brokers: [] }
    })
    const answering = (send as Transport['send'])(operation as AnyOperation, request)
    if (isSplit) await expect(answering).resolves.toMatchObject({ topics: ['a', 'b', 'c', 'd'] })
    else await expect(answering).rejects.toMatchObject({ outcome: 'unknown' })
  })

  it('is split from then on without being refused first', async () => {
    const { send, names } = setUp(({ request }) => {
      if (request.topics.length > 3) throw new MessageTooLargeError('too large')
      return { throttleTimeMs: 0, topics: [] }
    })
    const asked = { topics: ['a', 'b', 'c', 'd'], allowAutoTopicCreation: false }
    await send(metadata, asked)
    const before = names().length
    await send(metadata, asked)
    expect(names().slice(before)).toEqual(['metadata', 'metadata'])
  })

  it('fails as it is refused when nothing can be split, or when it is not its size that is refused', async () => {
    const tooLarge = new MessageTooLargeError('too large')
    const single = setUp(() => {
      throw tooLarge
    })
    await expect(single.send(metadata, { topics: ['a'], allowAutoTopicCreation: false })).rejects.toBe(tooLarge)
    await expect(single.send(metadata, { topics: ['a', 'b'], allowAutoTopicCreation: false })).rejects.toBe(tooLarge)
    const invalid = new InvalidRequestError('not that')
    const other = setUp(() => {
      throw invalid
    })
    await expect(other.send(metadata, { topics: ['a', 'b'], allowAutoTopicCreation: false })).rejects.toBe(invalid)
    expect(other.names()).toEqual(['metadata'])
  })
})

describe('when a part fails', () => {
  const failingAt =
    (failing: number, error: Error): Answer =>
    (one) => {
      if (--failing < 0) throw error
      return one.operation === listOffsets ? offsetsAnswer(one) : { throttleTimeMs: 0, topics: [] }
    }
  const creating = {
    timeoutMs: 1,
    validateOnly: false,
    topics: numbers(2500).map((index) => ({ topic: `t${index}`, numPartitions: 1, replicationFactor: 1, configs: [] })),
  }
  const limits = { maxPartitions: 1000, maxBodyBytes: 8_000_000 }

  it('nothing more is sent, and what may have changed something has the outcome unknown', async () => {
    const { send, names } = setUp(failingAt(1, new KafkaError('refused', { code: 'REFUSED' })), limits)
    const error = await send(createTopics, creating).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toMatchObject({
      code: 'REFUSED',
      outcome: 'unknown',
      message: 'refused (sent in 3 parts, of which 1 had been carried out)',
    })
    expect(names()).toEqual(['capabilities', 'createTopics', 'createTopics'])
  })

  it('the first one leaves all undone', async () => {
    const refusal = new KafkaError('refused')
    const { send } = setUp(failingAt(0, refusal), limits)
    await expect(send(createTopics, creating)).rejects.toBe(refusal)
  })

  it('of a request that only reads, the error is what it was', async () => {
    const refusal = new KafkaError('refused')
    const { send } = setUp(failingAt(1, refusal), limits)
    await expect(send(listOffsets, asking(2500))).rejects.toBe(refusal)
  })

  it('its time is what the parts before have left', async () => {
    const { send, sent, clock } = setUp((one) => {
      clock.advance(400)
      return offsetsAnswer(one)
    }, limits)
    await send(listOffsets, asking(2500), { timeoutMs: 1000 })
    expect(sent.slice(1).map(({ options }) => options?.timeoutMs)).toEqual([1000, 600, 200])
  })
})

describe('a fetch of more partitions than fit in one', () => {
  const request: FetchRequest = {
    maxWaitMs: 500,
    minBytes: 10,
    maxBytes: 3000,
    isolationLevel: 'read_committed',
    topics: [
      {
        topic: 'orders',
        partitions: numbers(2500).map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 100 })),
      },
    ],
  }
  const limits = { maxPartitions: 1000, maxBodyBytes: 8_000_000 }

  const answerTo = (part: FetchRequest, bytesOf: (partition: number) => number, errorCode = 0): FetchResponse => ({
    throttleTimeMs: 0,
    topics: part.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({
        partition,
        highWatermark: 5,
        lastStableOffset: 5,
        logStartOffset: 0,
        abortedTransactions: [],
        errorCode: partition === 0 ? errorCode : 0,
        errorMessage: null,
        records: new Uint8Array(bytesOf(partition)),
      })),
    })),
  })
  const read = (answer: FetchResponse): [number, number][] =>
    (answer.topics[0]?.partitions ?? [])
      .filter(({ records }) => records.length > 0)
      .map(({ partition, records }) => [partition, records.length])
  const fetches = (sent: readonly Sent[]): Sent[] => sent.filter(({ operation }) => operation === fetch)

  it('answers at once with what is there, each part with its share of the bytes', async () => {
    const { send, sent } = setUp(
      (one) => answerTo(one.request, (partition) => (partition % 1000 === 7 ? 4 : 0)),
      limits,
    )
    const answer = await send(fetch, request)
    expect(read(answer)).toEqual([
      [7, 4],
      [1007, 4],
      [2007, 4],
    ])
    expect(answer.topics[0]?.partitions.map(({ partition }) => partition)).toEqual(numbers(2500))
    expect(fetches(sent).map((one) => [one.request.maxWaitMs, one.request.maxBytes])).toEqual(Array(3).fill([0, 1000]))
  })

  it('answers at once when a partition has an error', async () => {
    const { send, sent } = setUp((one) => answerTo(one.request, () => 0, 1), limits)
    expect((await send(fetch, request)).topics[0]?.partitions[0]?.errorCode).toBe(codeOf('OFFSET_OUT_OF_RANGE'))
    expect(fetches(sent)).toHaveLength(3)
  })

  /** Long polls that the test answers, or that their signal ends. */
  function waiting() {
    const polls: { part: FetchRequest; resolve: (answer: FetchResponse) => void; reject: (reason: unknown) => void }[] =
      []
    const aborted: number[] = []
    let arrive: () => void = () => undefined
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const answer: Answer = ({ request: part, options }) => {
      if (part.maxWaitMs === 0) return answerTo(part, (partition) => (partition === 3 ? 5 : 0))
      return new Promise<FetchResponse>((resolve, reject) => {
        const index = polls.push({ part, resolve, reject }) - 1
        options?.signal?.addEventListener('abort', () => {
          aborted.push(index)
          reject(options.signal?.reason as Error)
        })
        if (polls.length === 3) arrive()
      })
    }
    return { ...setUp(answer, limits), polls, aborted, arrived }
  }

  it('waits with all parts when there is too little, and answers with the first that has records', async () => {
    const { send, polls, aborted, arrived } = waiting()
    const fetching = send(fetch, request)
    await arrived
    expect(polls.map(({ part }) => [part.maxWaitMs, part.minBytes])).toEqual(Array(3).fill([500, 10]))
    polls[2]?.resolve(answerTo(polls[2].part, (partition) => (partition === 2400 ? 20 : 0)))
    expect(read(await fetching)).toEqual([
      [3, 5],
      [2400, 20],
    ])
    expect(aborted).toContain(0)
    expect(aborted).toContain(1)
  })

  it('goes on waiting when one part has waited in vain, and answers when all have', async () => {
    const { send, polls, arrived } = waiting()
    const fetching = send(fetch, request)
    await arrived
    for (const poll of polls) poll.resolve(answerTo(poll.part, () => 0))
    expect(read(await fetching)).toEqual([])
  })

  it('ends all of its long polls when one fails', async () => {
    const { send, polls, aborted, arrived } = waiting()
    const fetching = send(fetch, request)
    const outcome = fetching.catch((error: unknown) => error)
    await arrived
    const error = new TimeoutError('no answer')
    polls[1]?.reject(error)
    expect(await outcome).toBe(error)
    expect(aborted).toEqual([0, 1, 2])
  })

  it('ends all of its long polls when the caller gives up', async () => {
    const { send, aborted, arrived } = waiting()
    const abort = new AbortController()
    const outcome = send(fetch, request, { signal: abort.signal }).catch((error: unknown) => error)
    await arrived
    abort.abort(new Error('enough'))
    expect(await outcome).toMatchObject({ message: 'enough' })
    expect(aborted).toEqual([0, 1, 2])
  })
})
