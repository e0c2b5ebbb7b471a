import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import type { RecordMetadata } from '@kafkado/core'
import type { Written } from './output/chosen-partitions.ts'

interface WrittenTopic {
  /** How many records are sent but not delivered; their partition is still unknown. */
  sent: number
  /** The offset after the last delivered record, by partition. */
  readonly ends: Map<number, number>
}

/** Tracks what the tasks of a session write to internal topics, until it is read back. */
export class OwnWrites {
  readonly #topics: ReadonlyMap<string, WrittenTopic>

  /** @param topics the internal topics; others are not followed */
  constructor(topics: Iterable<string>) {
    this.#topics = new Map(Array.from(topics, (topic) => [topic, { sent: 0, ends: new Map() }]))
  }

  onSent(topic: string): void {
    const written = this.#topics.get(topic)
    if (written) written.sent++
  }

  readonly onDelivered = (places: Written, { topic }: { readonly topic: string }): void => {
    const written = this.#topics.get(topic)
    if (!written) return
    written.sent--
    if (!Array.isArray(places)) noteEnd(written, places as RecordMetadata)
    else for (const place of places as readonly RecordMetadata[]) noteEnd(written, place)
  }

  /** The record was refused and left out. */
  onLeftOut(topic: string): void {
    const written = this.#topics.get(topic)
    if (written) written.sent--
  }

  /** Whether some of them may still arrive in a partition. */
  areOnTheirWay(partition: TopicPartition, reader: Pick<PartitionReader, 'position'>): boolean {
    const written = this.#topics.get(partition.topic)
    if (!written) return false
    const position = reader.position(partition)
    return written.sent > 0 || (position !== undefined && position < (written.ends.get(partition.partition) ?? 0))
  }
}

function noteEnd({ ends }: WrittenTopic, { partition, offset }: RecordMetadata): void {
  ends.set(partition, Math.max(ends.get(partition) ?? 0, offset + 1))
}
