import {
  type AnyOperation,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  deleteGroups,
  deleteRecords,
  deleteTopics,
  incrementalAlterConfigs,
  offsetCommit,
  offsetDelete,
  type RequestOf,
  type Transport,
} from '@kafkado/core'
import { batch, Harness, startTime, TestMember, TestProducer } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { askedState } from './asked-state.ts'
import { EngineUnderTest } from './engine-under-test.ts'

const index = (count: number): fc.Arbitrary<number> => fc.nat(count - 1)
const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name)
const place = { topic: index(3), partition: index(2) }

/** Possible steps of an engine. Together they write, replace and remove every kind of record. */
export const engineStep = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('create'),
      topic: index(3),
      partitions: fc.integer({ min: 1, max: 2 }),
      policy: index(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: type('delete topic'), topic: index(3) }) },
  { weight: 1, arbitrary: fc.record({ type: type('add partitions'), topic: index(3) }) },
  { weight: 2, arbitrary: fc.record({ type: type('configure'), topic: index(3), policy: index(5) }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: type('produce'), ...place, key: index(3), bytes: fc.constantFrom(1, 100, 40_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: type('produce numbered'),
      ...place,
      producer: index(2),
      sequence: fc.constantFrom(-1, 0, 0, 1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: type('delete records'), ...place, offset: fc.integer({ min: -1, max: 6 }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: type('init'), producer: index(3) }) },
  // Few partitions, so that several transactions are open in one.
  {
    weight: 10,
    arbitrary: fc.record({ type: type('send'), topic: index(2), partition: index(1), producer: index(3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: type('commit in transaction'), ...place, producer: index(3), group: index(2) }),
  },
  { weight: 4, arbitrary: fc.record({ type: type('end'), producer: index(3), committed: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: type('beat'), member: index(3) }) },
  { weight: 1, arbitrary: fc.record({ type: type('leave'), member: index(3), isStatic: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: type('commit'), ...place, group: index(2), offset: index(9) }) },
  { weight: 1, arbitrary: fc.record({ type: type('delete offset'), ...place, group: index(2) }) },
  { weight: 1, arbitrary: fc.record({ type: type('delete group'), group: index(2) }) },
  { weight: 3, arbitrary: fc.record({ type: type('a minute'), minutes: fc.integer({ min: 1, max: 3 }) }) },
)

export type EngineStep = typeof engineStep extends fc.Arbitrary<infer Step> ? Step : never

/** Possible topic configurations: none, compacted, short retention, both. */
const policies: readonly Record<string, string>[] = [
  {},
  { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0', 'delete.retention.ms': '90000' },
  { 'retention.bytes': '300' },
  { 'retention.ms': '90000' },
  { 'cleanup.policy': 'compact,delete', 'min.cleanable.dirty.ratio': '0', 'retention.bytes': '300' },
]

const policyOf = (number: number): { name: string; value: string }[] =>
  Object.entries(policies[number] ?? {}).map(([name, value]) => ({ name, value }))

/** A producer that numbers its batches. */
interface Numbered {
  readonly producerId: number
  readonly producerEpoch: number
  sequence: number
}

/** An engine with clients that perform the steps, one request at a time. */
export class SteppedEngine {
  readonly engine = new EngineUnderTest({
    autoCreateTopics: false,
    // A restart gives members a whole session and rebalance timeout again, so nothing may depend on the rest of it.
    sessionTimeout: '30d',
    cleanupInterval: '1m',
    offsetsRetention: '4m',
    transactionalIdExpiration: '4m',
    producerIdExpiration: '4m',
  })
  /** Clients survive a restart, because their engine may be in another process. */
  readonly #transport: Transport = {
    send: (operation, request, options) => this.engine.transport.send(operation, request, options),
    close: () => Promise.resolve(),
  }
  readonly #harness = new Harness(this.#transport, 'stepped')
  readonly #producers = [0, 1, 2].map((number) => new TestProducer(this.#harness, `transaction-${number}`))
  readonly #members = [0, 1, 2].map((number) => {
    const instanceId = number === 0 ? 'static' : null
    const options = { memberId: `member-${number}`, instanceId, rebalanceTimeoutMs: 30 * 86_400_000 }
    return new TestMember(this.#harness, 'group-0', ['topic-0', 'topic-1'], options)
  })
  readonly #plain: Numbered[] = []
  /** Producer ids in the order in which they were given out: a restart skips the reserved ones. */
  readonly #producerIds = new Map<number, number>()

  /** Await it before the first step. */
  async open(): Promise<void> {
    for (const _ of [0, 1]) this.#plain.push({ ...(await this.#harness.producerId()), sequence: 0 })
    for (const { producerId } of this.#plain) this.#note(producerId)
    for (const producer of [0, 1, 2]) await this.take({ type: 'init', producer })
    for (const topic of [0, 1]) await this.take({ type: 'create', topic, partitions: 2, policy: topic })
  }

  close(): Promise<void> {
    return this.engine.transport.close()
  }

  restart(): Promise<void> {
    return this.engine.restart()
  }

  /** The answer to the step, as a string without parts that a restart may change. */
  async take(step: EngineStep): Promise<string> {
    const answer = await this.#take(step).catch((error: { kafkaCode?: number }) => {
      if (error.kafkaCode === undefined) throw error
      return { refused: error.kafkaCode }
    })
    for (const { producerId } of this.#producers) this.#note(producerId)
    return this.#comparable(answer)
  }

  /** Everything that the engine can be asked. */
  async state(): Promise<string> {
    return this.#comparable(await askedState(this.engine.transport, [startTime, this.engine.clock.now() - 90_000]))
  }

  #take(step: EngineStep): Promise<unknown> {
    const timeoutMs = 1000
    switch (step.type) {
      case 'create': {
        const configs = policyOf(step.policy)
        const topic = { topic: `topic-${step.topic}`, numPartitions: step.partitions, replicationFactor: -1, configs }
        return this.#send(createTopics, { timeoutMs, validateOnly: false, topics: [topic] })
      }
      case 'delete topic':
        return this.#send(deleteTopics, { timeoutMs, topics: [`topic-${step.topic}`] })
      case 'add partitions': {
        const topics = [{ topic: `topic-${step.topic}`, count: 2 }]
        return this.#send(createPartitions, { timeoutMs, validateOnly: false, topics })
      }
      case 'configure': {
        const configs = policyOf(step.policy).map((one) => ({ ...one, configOperation: 'set' as const }))
        const resources = [{ resourceType: 'topic' as const, resourceName: `topic-${step.topic}`, configs }]
        return this.#send(incrementalAlterConfigs, { validateOnly: false, resources })
      }
      case 'produce': {
        const record = { key: `key-${step.key}`, value: step.key === 2 ? null : 'v'.repeat(step.bytes) }
        const records = [{ ...record, timestamp: this.engine.clock.now() }]
        return this.#harness.produce(`topic-${step.topic}`, batch(records), step.partition)
      }
      case 'produce numbered':
        return this.#produceNumbered(step)
      case 'delete records': {
        const topics = [
          { topic: `topic-${step.topic}`, partitions: [{ partition: step.partition, offset: step.offset }] },
        ]
        return this.#send(deleteRecords, { timeoutMs, topics })
      }
      case 'init':
        // No two end at the same moment, because their order would be undefined.
        return this.#producer(step.producer).init({ transactionTimeoutMs: 90_000 + step.producer })
      case 'send':
        return this.#producer(step.producer).sendRecords(
          `topic-${step.topic}`,
          [{ key: 'key-0', value: 'in a transaction', timestamp: this.engine.clock.now() }],
          step.partition,
        )
      case 'commit in transaction':
        return this.#producer(step.producer).commitOffset(`group-${step.group}`, `topic-${step.topic}`, 3)
      case 'end':
        return this.#producer(step.producer).end(step.committed)
      case 'beat':
        return this.#beat(step.member)
      case 'leave':
        return this.#leave(step.member, step.isStatic)
      case 'commit': {
        const { epoch } = this.#members[1] as TestMember
        const isMember = step.group === 0 && epoch > 0
        const offset = { committedOffset: step.offset, committedLeaderEpoch: -1, committedMetadata: 'metadata' }
        return this.#send(offsetCommit, {
          groupId: `group-${step.group}`,
          memberId: isMember ? 'member-1' : '',
          memberEpoch: isMember ? epoch : -1,
          groupInstanceId: null,
          topics: [{ topic: `topic-${step.topic}`, partitions: [{ partition: step.partition, ...offset }] }],
        })
      }
      case 'delete offset': {
        const topics = [{ topic: `topic-${step.topic}`, partitions: [step.partition] }]
        return this.#send(offsetDelete, { groupId: `group-${step.group}`, topics })
      }
      case 'delete group':
        return this.#send(deleteGroups, { groups: [`group-${step.group}`] })
      case 'a minute':
        return this.#pass(step.minutes)
    }
  }

  async #pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      this.engine.clock.advance('1m')
      // In memory, the housekeeping only needs turns of the event loop.
      for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    }
  }

  async #produceNumbered(step: EngineStep & { type: 'produce numbered' }): Promise<unknown> {
    const producer = this.#plain[step.producer] as Numbered
    const { producerId, producerEpoch } = producer
    const baseSequence = Math.max(producer.sequence + step.sequence, 0)
    const records = batch([{ key: 'key-1', value: 'numbered', timestamp: this.engine.clock.now() }], {
      producerId,
      producerEpoch,
      baseSequence,
    })
    const answer = await this.#harness.produce(`topic-${step.topic}`, records, step.partition)
    if (answer.errorCode === 0) producer.sequence = baseSequence + 1
    return answer
  }

  async #beat(number: number): Promise<unknown> {
    const member = this.#members[number] as TestMember
    try {
      return await member.beat(member.epoch <= 0 ? { topicPartitions: [], memberEpoch: 0 } : {})
    } catch (error) {
      // It was fenced, so it joins again the next time.
      Object.assign(member, { epoch: 0, owned: [] })
      throw error
    }
  }

  async #leave(number: number, isStatic: boolean): Promise<unknown> {
    const member = this.#members[number] as TestMember
    const { memberId } = member
    Object.assign(member, { epoch: 0, owned: [] })
    return this.#send(consumerGroupHeartbeat, {
      groupId: 'group-0',
      memberId,
      memberEpoch: isStatic && number === 0 ? -2 : -1,
      instanceId: number === 0 ? 'static' : null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
    })
  }

  #producer(number: number): TestProducer {
    return this.#producers[number] as TestProducer
  }

  #send<O extends AnyOperation>(operation: O, request: RequestOf<O>): Promise<unknown> {
    return this.#transport.send(operation, request)
  }

  #note(producerId: number): void {
    if (producerId >= 0 && !this.#producerIds.has(producerId)) this.#producerIds.set(producerId, this.#producerIds.size)
  }

  #comparable(answer: unknown): string {
    const replace = (key: string, value: unknown): unknown => {
      // They contain producer ids.
      if (key === 'errorMessage') return undefined
      return key === 'producerId' ? (this.#producerIds.get(value as number) ?? value) : value
    }
    return JSON.stringify(answer, replace, 1)
  }
}
