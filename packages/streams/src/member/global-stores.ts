import { describeTopic } from '@kafkado/admin'
import { PartitionReader } from '@kafkado/consumer/internal'
import type { KafkaRecord, Transport } from '@kafkado/core'
import type { GlobalTableNode } from '../graph/graph-node.ts'
import { DroppedReports } from './metrics/dropped-reports.ts'
import type { Meter } from './metrics/meter.ts'
import { createStores } from '../state/create-stores.ts'
import type { StateStore } from '../state/store-definition.ts'
import { ErrorHandling } from '../task/errors/error-handling.ts'
import { GlobalUpdates } from '../task/global-updates.ts'
import type { StreamsError } from '../errors/streams-error.ts'
import { streamsErrorOf } from '../task/errors/processing-errors.ts'
import { deadLetterOf } from '../task/output/dead-letter.ts'
import { PlainCollector } from '../task/output/record-collector.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'

/** The global tables of a member. It reads each topic to its end before anything else begins, and then follows it. */
export class GlobalStores {
  readonly stores: ReadonlyMap<string, StateStore>
  readonly #transport: Transport
  readonly #nodes: readonly GlobalTableNode[]
  readonly #reader: PartitionReader | undefined
  readonly #updates: GlobalUpdates
  readonly #deadLetters: PlainCollector
  readonly #dropped: DroppedReports
  readonly #errors: ErrorHandling
  readonly #closing = new AbortController()
  #following: Promise<void> | undefined

  constructor(
    transport: Transport,
    nodes: readonly GlobalTableNode[],
    settings: Pick<StreamsSettings, 'runtime' | 'onError' | 'producer' | 'closeTimeoutMs'>,
    meter: Meter,
  ) {
    this.#dropped = new DroppedReports(meter)
    this.#transport = transport
    this.#nodes = nodes
    this.stores = createStores(nodes.map(({ store }) => store))
    this.#updates = new GlobalUpdates(nodes, this.stores)
    this.#deadLetters = new PlainCollector(transport, settings.producer, settings.runtime)
    const topics = nodes.map(({ topic }) => topic)
    const { runtime, closeTimeoutMs, onError } = settings
    this.#errors = new ErrorHandling(onError, {
      // Each member reads the whole topic at each start, so it may put the same record aside more than once.
      putAside: (topic, record, error) =>
        this.#deadLetters.send(deadLetterOf(topic, record, error, runtime.clock.now())),
      count: () => undefined,
    })
    const config = { runtime, closeTimeout: closeTimeoutMs / 4 }
    if (topics.length > 0) this.#reader = new PartitionReader(transport, topics, config)
  }

  /**
   * Resolves when everything in the topics at this moment was read. @param onFailure gets the error that ends the
   * following
   */
  async start(onFailure: (error: unknown) => void): Promise<void> {
    const reader = this.#reader
    if (!reader) return
    const ends = await Promise.all(this.#nodes.map(({ topic: { name } }) => describeTopic(this.#transport, name)))
    reader.start()
    const isBehind = (): boolean =>
      ends.some(({ name, offsets }) =>
        offsets.some(({ partition, latest }) => (reader.position({ topic: name, partition }) ?? -1) < latest),
      )
    while (isBehind() && !this.#closing.signal.aborted) await this.#take(reader, isBehind)
    this.#following = (async () => {
      while (!this.#closing.signal.aborted) await this.#take(reader, () => true)
    })().catch(onFailure)
  }

  /** @returns the error of a `close()` of the filling code, if any */
  async close(): Promise<StreamsError | undefined> {
    this.#closing.abort(new Error('the application is closing'))
    await this.#reader?.close()
    await this.#following
    const failure = this.#updates.close()
    await this.#deadLetters.close()
    if (!failure) return undefined
    const { operator, error: cause } = failure
    return streamsErrorOf({ kind: 'processing', cause, task: undefined, operator, record: undefined })
  }

  /** Takes the records that have arrived, and waits for more while there is a reason to. */
  async #take(reader: PartitionReader, mayWait: () => boolean): Promise<void> {
    const arrival = reader.arrival(this.#closing.signal)
    for (const { topic, records } of reader.poll(() => true)) {
      for (const node of this.#nodes) {
        if (node.topic.name === topic) for (const record of records) this.#put(node, record)
      }
    }
    this.#dropped.publish('global', this.#updates.dropped)
    await this.#deadLetters.ready()
    if (mayWait() && !this.#closing.signal.aborted) await arrival
  }

  #put(node: GlobalTableNode, record: KafkaRecord<unknown, unknown>): void {
    try {
      this.#updates.put(node, record)
    } catch (cause) {
      this.#errors.handle({ ...this.#updates.failedPlace, cause, task: undefined, record })
    }
  }
}
