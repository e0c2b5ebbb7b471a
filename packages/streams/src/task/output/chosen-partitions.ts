import type { RecordMetadata, Runtime, Transport } from '@kafkado/core'
import { lookUpTopics, SingleFlight } from '@kafkado/core/internal'
import { isRefused } from '@kafkado/producer/internal'
import type { ChosenPartition } from '../../processors/processor.ts'

/**
 * How long a topic's number of partitions is valid; then it is looked up again, while writing continues. Kafka:
 * metadata.max.age.ms.
 */
const maxAgeMs = 5 * 60_000
/** How long to keep asking for a topic. Kafka: delivery.timeout.ms. */
const lookUpMs = 2 * 60_000

/** Chooses by the number of partitions. */
export type PartitionChoice = (partitions: number) => ChosenPartition
/** Where a record was written: in one partition, in several, or nowhere. */
export type Written = RecordMetadata | readonly RecordMetadata[]
/** Writes a record to a partition, or to the partition of its key. */
type Write = (partition: number | undefined) => Promise<RecordMetadata>

/** A record that waits for the number of its topic's partitions. */
interface Waiting {
  write(partitions: number): void
  fail(error: unknown): void
}

/** A topic with functions that choose partitions. */
interface ChosenTopic {
  partitions: number | undefined
  freshUntilMs: number
  /** In order, including records without a chosen partition: they would overtake the others. */
  waiting: Waiting[]
  readonly looking: SingleFlight<number>
}

/**
 * Writes records to partitions chosen by functions, once the number of partitions is known. Kafka: StreamPartitioner,
 * KIP-837.
 */
export class ChosenPartitions {
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #topics = new Map<string, ChosenTopic>()
  readonly #over = new AbortController()

  constructor(transport: Transport, runtime: Runtime) {
    this.#transport = transport
    this.#runtime = runtime
  }

  /** @param write writes the record to a partition, or to the partition of its key */
  send(topic: string, choice: number | PartitionChoice | undefined, write: Write): Promise<Written> {
    return typeof choice === 'function' || this.#holds(topic) ? this.#choose(topic, choice, write) : write(choice)
  }

  /** Whether records of a topic wait, so that later ones have to wait too. */
  #holds(topic: string): boolean {
    return this.#topics.size > 0 && (this.#topics.get(topic)?.waiting.length ?? 0) > 0
  }

  #choose(topic: string, choice: number | PartitionChoice | undefined, write: Write): Promise<Written> {
    const present = this.#topics.get(topic)
    const known = present ?? {
      partitions: undefined,
      freshUntilMs: -1,
      waiting: [],
      looking: new SingleFlight<number>(),
    }
    if (!present) this.#topics.set(topic, known)
    if (this.#runtime.clock.monotonic() >= known.freshUntilMs) this.#look(topic, known)
    if (known.partitions !== undefined) return written(choice, known.partitions, write)
    return new Promise((resolve, reject) => {
      known.waiting.push({
        write: (partitions) => void written(choice, partitions, write).then(resolve, reject),
        fail: reject,
      })
    })
  }

  /** Resolves when no record waits. Failures go to the records' own promises. */
  async idle(): Promise<void> {
    for (const { looking } of this.#topics.values()) await looking.idle()
  }

  /** Gives up the waiting records. */
  giveUp(reason: Error): void {
    this.#over.abort(reason)
    for (const known of this.#topics.values()) for (const waiting of known.waiting.splice(0)) waiting.fail(reason)
  }

  /**
   * Waiting records learn the result after the look-up has ended, so that records sent in reaction are looked up again.
   */
  #look(topic: string, known: ChosenTopic): void {
    if (known.looking.present) return
    known.looking
      .join(() => this.#partitionsOf(topic))
      .then(
        (partitions) => {
          known.partitions = partitions
          known.freshUntilMs = this.#runtime.clock.monotonic() + maxAgeMs
          for (const waiting of known.waiting.splice(0)) waiting.write(partitions)
        },
        (error: unknown) => {
          for (const waiting of known.waiting.splice(0)) waiting.fail(error)
        },
      )
  }

  async #partitionsOf(topic: string): Promise<number> {
    const limits = { runtime: this.#runtime, timeoutMs: lookUpMs, signal: this.#over.signal }
    const [found] = await lookUpTopics(this.#transport, [topic], { ...limits, allowAutoTopicCreation: true })
    return found?.partitions.length ?? 0
  }
}

async function written(
  choice: number | PartitionChoice | undefined,
  partitions: number,
  write: Write,
): Promise<Written> {
  const chosen = typeof choice === 'function' ? choice(partitions) : choice
  if (typeof chosen === 'number' || chosen === undefined) return write(chosen)
  return allOf(chosen.map((partition) => write(partition)))
}

/**
 * Waits for all partitions: a refusal is only handled when the fate of the others is known.
 *
 * @throws the error for which no result can be left out, if there is one, otherwise the refusal
 */
async function allOf(writing: readonly Promise<RecordMetadata>[]): Promise<readonly RecordMetadata[]> {
  const written = await Promise.allSettled(writing)
  const errors = written.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  if (errors.length > 0) throw errors.find((error) => !isRefused(error)) ?? errors[0]
  return written.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}
