import {
  DisconnectedError,
  InvalidRequestError,
  type Message,
  MessageTooLargeError,
  type RecordMetadata,
  SerializationError,
  type TopicDefinition,
  type TopicLike,
  type Transport,
} from '@kafkado/core'
import { type RecordContent, serializeField, topicDefinitionOf } from '@kafkado/core/internal'
import { PartitionChooser } from './partitioner.ts'
import { ProducerBatch } from './producer-batch.ts'
import { type ProducerConfig, type ProducerSettings, producerSettings } from './producer-config.ts'
import { Sender } from './sender.ts'
import { TopicMetadata } from './topic-metadata.ts'

/** What belongs to a record besides its value. */
export type RecordOptions<K = string> = Omit<Message<unknown, K>, 'value'>

/** A batch that cannot leave yet grows to this size, where throughput is best. */
const grownBatchBytes = 256 * 1024

const messageFields = new Set(['value', 'key', 'headers', 'partition', 'timestamp'])

/**
 * Makes a producer for one topic.
 *
 * @param transport carries out the requests; it stays open when the producer is closed
 * @throws InvalidRequestError when the topic name or an option is not valid
 */
export function createProducer<V = unknown, K = string>(
  transport: Transport,
  topic: TopicLike<V, K>,
  config: ProducerConfig = {},
): Producer<V, K> {
  return new Producer(transport, topicDefinitionOf(topic), producerSettings(config))
}

interface Prepared {
  readonly content: Omit<RecordContent, 'key'> & { readonly key: Uint8Array | null }
  readonly partition: number | undefined
  readonly value: unknown
}

/** Writes records to one topic, in batches, each in the order in which it was sent. Made by {@link createProducer}. */
export class Producer<V = unknown, K = string> implements AsyncDisposable {
  readonly topic: string
  readonly #definition: TopicDefinition<V, K>
  readonly #settings: ProducerSettings
  readonly #metadata: TopicMetadata
  readonly #chooser: PartitionChooser
  readonly #sender: Sender
  /** Sends that wait for the first metadata, so that `flush` waits for them too. */
  readonly #routing = new Set<Promise<unknown>>()
  #bufferedBytes = 0
  #onRoom: (() => void)[] = []
  #closing: Promise<void> | undefined

  /** @internal use {@link createProducer} */
  constructor(transport: Transport, definition: TopicDefinition<V, K>, settings: ProducerSettings) {
    this.topic = definition.name
    this.#definition = definition
    this.#settings = settings
    this.#metadata = new TopicMetadata(transport, definition.name, settings.runtime, settings.retryBackoffMs)
    this.#chooser = new PartitionChooser(definition.name, settings.partitioner, settings.runtime.random)
    this.#sender = new Sender(transport, definition.name, settings, {
      onSent: (batch) => this.#chooser.onBatchSent(batch.partition, this.#metadata.partitionCount ?? 1),
      onSettled: () => this.#makeRoom(),
      onStaleMetadata: () => this.#metadata.invalidate(),
    })
  }

  /**
   * Sends one record; null is a tombstone. It is buffered at once, and the promise resolves when it was delivered as `acks` asks.
   * Records sent without waiting go together in batches.
   *
   * @throws SerializationError, MessageTooLargeError, TopicNotFoundError, PartitionNotFoundError, TimeoutError after
   *   `deliveryTimeout`, DisconnectedError when the producer is closed, or what the server refused it with
   */
  send(value: V | null, options: RecordOptions<K> = {}): Promise<RecordMetadata> {
    return this.#send({ ...options, value })
  }

  /**
   * Sends many records, given as values or as messages. They are taken for messages when every one is an object that has `value` and
   * nothing but what a message may have; a topic whose values look like that is sent as messages.
   */
  sendBatch(values: readonly V[]): Promise<RecordMetadata[]>
  sendBatch(messages: readonly Message<V, K>[]): Promise<RecordMetadata[]>
  sendBatch(batch: readonly (V | Message<V, K>)[]): Promise<RecordMetadata[]> {
    const messages = batch.every(isMessage)
      ? (batch as readonly Message<V, K>[])
      : (batch as readonly V[]).map((value) => ({ value }))
    return Promise.all(messages.map((message) => this.#send(message)))
  }

  /**
   * Resolves when less than `maxBufferedBytes` wait to be delivered: await it between sends that are not awaited themselves. A
   * send beyond the limit is taken all the same, nothing is lost.
   */
  ready(): Promise<void> {
    if (this.#bufferedBytes < this.#settings.maxBufferedBytes) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onRoom.push(resolve)
    })
  }

  /** Sends what waits now and resolves when all records sent so far are delivered or have failed. It does not reject. */
  async flush(): Promise<void> {
    while (this.#routing.size > 0) await Promise.allSettled(this.#routing)
    const batches = this.#sender.unsettled()
    for (const batch of batches) batch.isDue = true
    this.#sender.planDrain()
    await Promise.all(batches.map(({ settled }) => settled))
  }

  /** Delivers what was sent, within `deliveryTimeout`, and ends. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= this.flush().then(() => this.#sender.stop(closed(this.topic)))
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #send(message: Message<V, K>): Promise<RecordMetadata> {
    let prepared: Prepared
    try {
      if (this.#closing) throw closed(this.topic)
      prepared = this.#prepare(message)
    } catch (error) {
      return Promise.reject(error as Error)
    }
    const partitionCount = this.#metadata.current(this.#sender.signal)
    if (partitionCount !== undefined && this.#routing.size === 0) return this.#append(prepared, partitionCount)
    const routed = this.#route(prepared)
    this.#routing.add(routed)
    const done = (): void => void this.#routing.delete(routed)
    routed.then(done, done)
    return routed.then(({ delivered }) => delivered)
  }

  /** In an object, because a promise that is returned would be awaited here too. */
  async #route(prepared: Prepared): Promise<{ delivered: Promise<RecordMetadata> }> {
    const partitionCount =
      this.#metadata.current(this.#sender.signal) ?? (await this.#metadata.load(this.#sender.signal))
    const delivered = this.#append(prepared, partitionCount)
    delivered.catch(() => undefined)
    return { delivered }
  }

  #prepare({ value, key = null, headers, partition, timestamp }: Message<V, K>): Prepared {
    if (value === undefined)
      throw new SerializationError(`topic '${this.topic}': there is no value; null sends a tombstone`)
    const time = timestamp === undefined ? this.#settings.runtime.clock.now() : Number(timestamp)
    if (!Number.isSafeInteger(time) || time < 0) {
      throw new InvalidRequestError(
        `topic '${this.topic}': timestamp must be a Date or milliseconds since the epoch, got ${String(timestamp)}`,
      )
    }
    const written = key === null ? null : this.#serialize('key', key)
    return {
      partition,
      value,
      content: {
        timestamp: time,
        key: typeof written === 'string' ? encoder.encode(written) : written,
        value: value === null ? null : this.#serialize('value', value),
        headers: headers ? Object.entries(headers) : [],
      },
    }
  }

  #serialize(field: 'key' | 'value', content: K | V): string | Uint8Array {
    const { name, [field]: serde } = this.#definition
    try {
      // Bytes are a key by themselves, whatever the text serde of keys says.
      if (field === 'key' && content instanceof Uint8Array) return content
      return serializeField(serde as TopicDefinition<K | V>['value'] as never, content as never, { topic: name, field })
    } catch (cause) {
      throw new SerializationError(
        `topic '${name}': the ${field} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }

  #append({ content, partition, value }: Prepared, partitionCount: number): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      try {
        const { batchSize, maxRequestBytes, runtime } = this.#settings
        const chosen = this.#chooser.choose(partition, content.key, value, partitionCount)
        const queue = this.#sender.queue(chosen)
        const size = estimatedBytes(content)
        if (size > maxRequestBytes) {
          throw new MessageTooLargeError(
            `topic '${this.topic}': the record has ${size} bytes, more than the ${maxRequestBytes} of maxRequestBytes`,
          )
        }
        const limit = Math.min(Math.max(batchSize, grownBatchBytes), maxRequestBytes)
        if (queue.open && (queue.open.sizeInBytes >= limit || queue.open.sizeInBytes + size > maxRequestBytes))
          queue.closeOpen()
        const batch = (queue.open ??= new ProducerBatch(this.topic, chosen, runtime.clock.now()))
        const sizeBefore = batch.count === 0 ? 0 : batch.sizeInBytes
        batch.append(content, { resolve, reject })
        if (batch.count === 1) {
          this.#sender.adopt(queue, batch)
          void batch.settled.then(() => this.#release(batch))
        }
        this.#bufferedBytes += batch.sizeInBytes - sizeBefore
        batch.reservedBytes += batch.sizeInBytes - sizeBefore
        this.#sender.planDrain()
      } catch (error) {
        reject(error as Error)
      }
    })
  }

  #release(batch: ProducerBatch): void {
    this.#bufferedBytes -= batch.reservedBytes
    this.#makeRoom()
  }

  #makeRoom(): void {
    if (this.#bufferedBytes >= this.#settings.maxBufferedBytes) return
    const waiting = this.#onRoom
    this.#onRoom = []
    for (const resolve of waiting) resolve()
  }
}

const encoder = new TextEncoder()

function isMessage(candidate: unknown): boolean {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate) || !('value' in candidate))
    return false
  return Object.keys(candidate).every((field) => messageFields.has(field))
}

/** The size of a record in a batch at least; text beyond ASCII takes more. */
function estimatedBytes({ key, value, headers }: RecordContent): number {
  return (
    (key?.length ?? 0) +
    (value?.length ?? 0) +
    headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 80)
  )
}

function closed(topic: string): DisconnectedError {
  return new DisconnectedError(`the producer of topic '${topic}' is closed`, { retriable: false, outcome: 'failed' })
}
