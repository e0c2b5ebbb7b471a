import {
  DisconnectedError,
  InvalidRequestError,
  type KafkaError,
  type Message,
  MessageTooLargeError,
  PartitionNotFoundError,
  type RecordMetadata,
  TimeoutError,
  type TopicDefinition,
  type Transport,
} from '@kafkado/core'
import { watchPage } from '@kafkado/core/internal'
import { BatchDelivery } from '../delivery/batch-delivery.ts'
import { RecordDelivery, type Waiter } from '../delivery/delivery.ts'
import { UnawaitedSends } from '../delivery/unawaited-sends.ts'
import { PartitionChooser } from '../record/partitioner.ts'
import type { ProducerSettings } from '../settings/producer-config.ts'
import { estimatedBytes, prepareRecord } from '../record/prepared-record.ts'
import { IdempotentIdentities, type IdentitySource } from '../send/identity-source.ts'
import type { ProducerMetrics } from '../send/producer-meter.ts'
import { Sender } from '../send/sender.ts'
import { BufferedBytes } from './buffered-bytes.ts'
import { TopicMetadata } from './topic-metadata.ts'
import { type SentRecord, WaitingRecords } from './waiting-records.ts'

/** A batch that cannot leave yet grows to this size, where throughput is best. */
const grownBatchBytes = 256 * 1024

/**
 * Writes records to one topic, for a producer or for a transaction. Finds their partitions, and batches, numbers and
 * sends them, in order within each partition.
 */
export class TopicWriter {
  readonly topic: string
  readonly #settings: ProducerSettings
  readonly #identities: IdentitySource
  readonly #metadata: TopicMetadata
  readonly #chooser: PartitionChooser
  readonly #sender: Sender
  readonly #waiting: WaitingRecords
  readonly #unawaited = new UnawaitedSends()
  readonly #buffered: BufferedBytes
  #closing: Promise<void> | undefined

  /** @param identities number the batches; a transaction's identities make the records part of it */
  constructor(
    transport: Transport,
    topic: string,
    settings: ProducerSettings,
    identities: IdentitySource = new IdempotentIdentities(transport, settings),
  ) {
    this.topic = topic
    this.#settings = settings
    this.#identities = identities
    this.#buffered = new BufferedBytes(settings.maxBufferedBytes)
    this.#chooser = new PartitionChooser(topic, settings.partitioner, settings.runtime.random)
    this.#sender = new Sender(transport, topic, settings, identities, {
      onSent: ({ origin }) => this.#chooser.onBatchSent(origin.partition, this.#metadata.partitionCount ?? 1),
      onStaleMetadata: () => this.#metadata.invalidate(),
      onOtherTopic: () => this.#metadata.lookUp(),
    })
    this.#waiting = new WaitingRecords(topic, settings, {
      onLeft: (sizeInBytes) => this.#buffered.remove(sizeInBytes),
      onFailed: (error) => this.#sender.meter.refused(topic, error),
    })
    this.#metadata = new TopicMetadata(transport, topic, settings, this.#sender.signal, {
      onKnown: (partitionCount, topicId) => {
        this.#sender.topicIs(topicId)
        this.#route(partitionCount)
      },
      onFailed: (error) => this.#onLookUpFailed(error),
      onProblem: (reason) => {
        this.#waiting.lastProblem = reason
      },
    })
    // The page is closing: records must not wait for others any longer.
    watchPage(this.#sender.signal, () => void this.#sender.flush())
  }

  /** Sends one record. @param definition serialises it */
  send<V, K>(definition: TopicDefinition<V, K>, message: Message<V, K>): Promise<RecordMetadata> {
    const delivery = new RecordDelivery(this.#unawaited)
    this.#write(definition, message, delivery, 0)
    return delivery.promise
  }

  /**
   * Sends many records, with one promise for all.
   *
   * @throws BatchDeliveryError when a record is not delivered, once all have settled
   */
  sendAll<V, K>(definition: TopicDefinition<V, K>, messages: readonly Message<V, K>[]): Promise<RecordMetadata[]> {
    const delivery = new BatchDelivery(this.topic, messages.length, this.#unawaited)
    for (const [index, message] of messages.entries()) this.#write(definition, message, delivery, index)
    return delivery.promise
  }

  /** Resolves when fewer than `maxBufferedBytes` wait to be delivered. Never rejects. */
  ready(): Promise<void> {
    this.#unawaited.attend()
    return this.#buffered.room()
  }

  metrics(): ProducerMetrics {
    return { ...this.#sender.meter.counts, bufferedBytes: this.#buffered.count }
  }

  /** Sends the waiting records now and resolves when all are delivered or have failed. Never rejects. */
  async flush(): Promise<void> {
    this.#unawaited.attend()
    await this.#waiting.left()
    await this.#sender.flush()
  }

  /** Fails the undelivered records. Later records are written. */
  giveUp(reason: KafkaError): void {
    this.#waiting.fail(reason)
    this.#sender.giveUp(reason)
  }

  /** Delivers the records sent so far, and ends within `closeTimeout`. You may call it more than once. */
  close(): Promise<void> {
    this.#unawaited.attend()
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { closeTimeoutMs, runtime } = this.#settings
    const over = runtime.clock.schedule(closeTimeoutMs, () => this.giveUp(undelivered(this.topic, closeTimeoutMs)))
    await this.flush()
    over.cancel()
    this.#sender.stop(closed(this.topic))
  }

  /** @param place the record's, for the waiter */
  #write<V, K>(definition: TopicDefinition<V, K>, message: Message<V, K>, waiter: Waiter, place: number): void {
    try {
      if (this.#closing) throw closed(this.topic)
      if (this.#settings.transactionalId && this.#identities.transactionalId === null)
        throw new InvalidRequestError(
          `topic '${this.topic}': this producer has a transactionalId: send by producer.transaction()`,
        )
      const { clock } = this.#settings.runtime
      const prepared = prepareRecord(message, definition, clock)
      const partitionCount = this.#metadata.current()
      const record = { prepared, waiter, place }
      if (partitionCount !== undefined && this.#append(record, partitionCount)) return
      this.#buffered.add(this.#waiting.add(record, clock.monotonic(), this.#metadata.lookUps))
      this.#metadata.lookUp()
    } catch (error) {
      this.#sender.meter.refused(this.topic, error)
      waiter.failed(place, error)
    }
  }

  /** Records that were sent before the partitions were known go first, in order. */
  #route(partitionCount: number): void {
    this.#waiting.lastProblem = undefined
    this.#waiting.route((record) => {
      if (this.#append(record, partitionCount, record.sentMs)) return true
      // The look-up may have been answered before the partition was made and the record sent.
      if (record.lookUpsBefore >= this.#metadata.lookUps) return false
      throw new PartitionNotFoundError(
        `topic '${this.topic}' has ${partitionCount} partitions; choose one from 0 to ${partitionCount - 1}`,
      )
    })
    if (this.#waiting.size > 0) this.#metadata.lookUp()
  }

  /** The look-up ran out of time; some records may have time left. */
  #onLookUpFailed(error: unknown): void {
    if (!TimeoutError.is(error)) this.#waiting.fail(error)
    if (this.#waiting.size > 0) this.#metadata.lookUp()
  }

  /**
   * Puts a record into the batch of its partition. The waiter hears when it is delivered or has failed.
   *
   * @param sentMs when it was sent; by default now
   * @returns false when the topic has no such partition, as far as known
   */
  #append(record: SentRecord, partitionCount: number, sentMs?: number): boolean {
    const { prepared, waiter, place } = record
    const { content, partition, value } = prepared
    const { batchSize, maxRequestBytes } = this.#settings
    const chosen = this.#chooser.choose(partition, content.key, value, partitionCount)
    if (chosen >= partitionCount) return false
    const size = estimatedBytes(content)
    if (size > maxRequestBytes) {
      throw new MessageTooLargeError(
        `topic '${this.topic}': the record has ${size} bytes, maxRequestBytes is ${maxRequestBytes}`,
      )
    }
    const queue = this.#sender.queue(chosen)
    const { open } = queue
    const limit = Math.min(Math.max(batchSize, grownBatchBytes), maxRequestBytes)
    if (open && open.sizeInBytes < limit && open.sizeInBytes + size <= maxRequestBytes) {
      const sizeBefore = open.sizeInBytes
      open.append(content, waiter, place)
      this.#buffered.add(open.sizeInBytes - sizeBefore)
    } else {
      const nowMs = this.#settings.runtime.clock.monotonic()
      this.#metadata.refresh(nowMs)
      const batch = queue.begin(sentMs ?? nowMs, content, waiter, place)
      this.#sender.limit(batch)
      this.#buffered.add(batch.sizeInBytes)
      void batch.settled.then(() => this.#buffered.remove(batch.uncompressedBytes))
    }
    this.#sender.planDrain()
    return true
  }
}

/** The error for a call of a closed producer. */
export function closed(topic: string): DisconnectedError {
  return new DisconnectedError(`the producer of topic '${topic}' is closed`, { retriable: false, outcome: 'failed' })
}

function undelivered(topic: string, closeTimeoutMs: number): DisconnectedError {
  return new DisconnectedError(
    `topic '${topic}': the producer was closed, and the record was not acknowledged within ${closeTimeoutMs} ms ` +
      '(closeTimeout)',
    { retriable: false, outcome: 'failed' },
  )
}
