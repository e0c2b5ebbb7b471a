import type { EmbeddedOptions, EmbeddedTransport } from '@kafkado/broker'
import { MemoryStorage, type Storage, withStorage } from '@kafkado/broker/storage'
import { createTopics, seededRandom, type Transport } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { apiKeys, type Limits, type LogEntry } from '@kafkado/server'
import { type RunningServer, serve } from '@kafkado/server/node'
import { batch, Harness, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { RawConnection } from '../../../../packages/server/test/raw-connection.ts'
import { until } from '../../../passing-time.ts'
import { type Answer, answersIn } from './answer.ts'
import { mine, pepper, reader, storedKeys, theirs } from './keys.ts'
import { request } from './raw-http.ts'
import { snapshotOf } from './snapshot.ts'
import { Watchdog } from './watchdog.ts'

/** Low enough for every one of them to be reached by a few requests. */
const lowLimits: Partial<Limits> = {
  maxBodyBytes: 65_536,
  maxHeartbeatBytes: 65_536,
  maxHeaderBytes: 4000,
  maxPartitions: 50,
  maxResponseBytes: 100_000,
  maxRequestsPerConnection: 4,
  maxLongPollsPerKey: 3,
  maxNewPartitionsPerHourPerKey: 20,
  maxBytesInFlight: 1_000_000,
  maxBytesInFlightPerKey: 200_000,
  maxBytesPerConnection: 100_000,
}

export interface PlaceOptions {
  readonly limits?: Partial<Limits>
  readonly engine?: Omit<EmbeddedOptions, 'runtime'>
  readonly storage?: Storage
  /** What the server tells its log of the faults behind it, here on purpose. */
  readonly isFaultTold?: boolean
  /** What else is there before the first attack. */
  readonly fill?: (place: SecuredPlace) => unknown
  /** Goes around the engine. */
  readonly around?: (engine: Transport) => Transport
}

/** A server with keys on a socket, over an engine with topics, groups and transactions of two tenants. */
export class SecuredPlace {
  readonly clock = new ManualClock()
  readonly logged: LogEntry[] = []
  readonly engine: EmbeddedTransport
  /** The engine without the server. */
  readonly harness: Harness
  readonly member: TestMember
  /** With an open transaction. */
  readonly own: TestProducer
  readonly other: TestProducer
  /** Ids without a transaction. */
  ownPlain = { producerId: -1, producerEpoch: -1 }
  otherPlain = { producerId: -1, producerEpoch: -1 }
  #server: RunningServer | undefined
  #witness: RawConnection | undefined
  #watchdog: Watchdog | undefined
  readonly #opened = new Set<RawConnection>()

  private constructor({ engine, storage = new MemoryStorage() }: PlaceOptions) {
    this.engine = withStorage(storage, {
      maxPartitionsPerTopic: 30,
      heartbeatInterval: '10s',
      runtime: { clock: this.clock, random: seededRandom(1) },
      ...engine,
    })
    this.harness = new Harness(this.engine, 'security')
    this.member = new TestMember(this.harness, 'mine-group', ['mine'], { memberId: 'member' })
    this.own = new TestProducer(this.#as('mine'), 'mine-id')
    this.other = new TestProducer(this.#as('theirs'), 'their-id')
  }

  static async open(options: PlaceOptions = {}): Promise<SecuredPlace> {
    const place = new SecuredPlace(options)
    await place.#fill()
    await options.fill?.(place)
    const { clock, engine, logged } = place
    const runtime = { clock, random: seededRandom(2) }
    place.#server = await serve({
      transport: options.around?.(engine) ?? engine,
      port: 0,
      keys: apiKeys({ pepper, keys: storedKeys, runtime }),
      limits: { ...lowLimits, ...options.limits },
      log: (entry) => logged.push(entry),
      audit: () => undefined,
      drainTimeout: 0,
      runtime,
    })
    place.#witness = await RawConnection.open(place.port)
    await place.serveNeighbour()
    // A key that the server has seen is known at once, so that requests are begun in the order in which they come.
    const nothing = { topics: [], allowAutoTopicCreation: false }
    for (const key of [mine, reader]) await place.ask(request('/v1/metadata', nothing, { key }))
    place.#watchdog = new Watchdog()
    return place
  }

  get port(): number {
    return this.#server?.port ?? 0
  }

  async connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(this.port)
    this.#opened.add(connection)
    return connection
  }

  /** Sends the bytes by a connection of their own, and takes so many answers, or those that came before its end. */
  async ask(sent: string, answers = 1): Promise<Answer[]> {
    const connection = await this.connect()
    connection.socket.write(sent, 'latin1')
    const isDone = (): boolean => connection.socket.destroyed || answersIn(connection.received).length >= answers
    await connection.until(isDone).catch(() => undefined)
    this.#opened.delete(connection)
    connection.close()
    return answersIn(connection.received)
  }

  /** The neighbour reads its record, by a connection that was open before. */
  async serveNeighbour(): Promise<void> {
    const witness = this.#witness as RawConnection
    const before = answersIn(witness.received).length
    witness.send(
      request(
        '/v1/fetch',
        {
          maxWaitMs: 0,
          minBytes: 1,
          maxBytes: 1000,
          isolationLevel: 'read_committed',
          topics: [{ topic: 'theirs', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
        },
        { key: theirs },
      ),
    )
    await witness.until(() => answersIn(witness.received).length > before)
    const { status, body } = answersIn(witness.received).at(-1) as Answer
    if (status !== 200 || !body.includes('their record')) throw new Error(`the neighbour got ${status} ${body}`)
  }

  /** Lets so much time pass, once everything that has arrived had its turn. */
  async advance(ms: number): Promise<void> {
    await this.serveNeighbour()
    this.clock.advance(ms)
  }

  /** Gives everything its turn until it is so. */
  until(isSo: () => boolean): Promise<void> {
    return until(isSo)
  }

  /** Lets time pass until so many answers have come. */
  async answersOf(connection: RawConnection, count: number): Promise<Answer[]> {
    await until(() => answersIn(connection.received).length >= count, this.clock, 50)
    return answersIn(connection.received)
  }

  /** Closes what is connected. */
  async letGo(): Promise<void> {
    const gone = [...this.#opened].map((connection) => (connection.close(), connection.closed))
    this.#opened.clear()
    await Promise.all(gone)
  }

  snapshot(): Promise<string> {
    return snapshotOf(this.engine)
  }

  /** What was connected goes, and everything that it held is given back. */
  async requireReturned(): Promise<void> {
    await this.letGo()
    await this.#watchdog?.requireReturned()
    await this.serveNeighbour()
  }

  async close(): Promise<void> {
    for (const connection of this.#opened) connection.close()
    this.#witness?.close()
    await this.#server?.close()
    await this.engine.close()
  }

  /** As the server asks in the name of a key. */
  #as(whose: 'mine' | 'theirs'): Harness {
    const principal = storedKeys[whose === 'mine' ? 0 : 1]?.id ?? ''
    const { engine } = this
    return new Harness(
      {
        send: (operation, asked, options) => engine.send(operation, asked, { ...options, principal }),
        close: () => Promise.resolve(),
      },
      'security',
    )
  }

  async #fill(): Promise<void> {
    const { harness } = this
    const topics = ['mine', 'mine-secret', 'theirs', 'their-plans'].map((topic) => ({
      topic,
      numPartitions: 2,
      replicationFactor: -1,
      configs: [],
    }))
    await this.engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
    await harness.produce('theirs', batch([{ value: 'their record' }]))
    await harness.produceEach('mine', 'a', 'b', 'c')
    for (let beat = 0; beat < 3; beat++) await this.member.beat()
    const theirMember = new TestMember(harness, 'their-group', ['theirs'], { memberId: 'their-member' })
    for (let beat = 0; beat < 3; beat++) await theirMember.beat()
    this.ownPlain = await this.#as('mine').producerId()
    this.otherPlain = await this.#as('theirs').producerId()
    await this.#as('mine').produce('mine', batch([{ value: 'd' }], { ...this.ownPlain, baseSequence: 0 }))
    await this.#as('theirs').produce('theirs', batch([{ value: 'd' }], { ...this.otherPlain, baseSequence: 0 }))
    await this.own.init({ transactionTimeoutMs: 900_000 })
    await this.own.send('mine', ['open'], 1)
    await this.other.init({ transactionTimeoutMs: 900_000 })
    await this.other.send('theirs', ['open'], 1)
  }
}
