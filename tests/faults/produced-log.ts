import { listOffsets, listOffsetsTimestamp, type Runtime, type Transport } from '@kafkado/core'
import { createConsumer } from '@kafkado/consumer'

/** What a producer sent and was told of it. Values are sent once each. */
export interface Sent {
  readonly producer: string
  readonly partition: number
  /** Its place among what the producer sent to the partition. */
  readonly order: number
  outcome: 'waiting' | 'delivered' | 'failed' | 'unknown'
  offset: number
}

export interface Found {
  readonly value: string
  readonly partition: number
  readonly offset: number
}

/** Everything that is in a topic. */
export async function readLog(
  engine: Transport,
  topic: string,
  partitions: number,
  runtime: Runtime,
): Promise<readonly Found[]> {
  const topics = [
    {
      topic,
      partitions: [...Array(partitions).keys()].map((partition) => ({
        partition,
        timestamp: listOffsetsTimestamp.latest,
      })),
    },
  ]
  const ends = await engine.send(listOffsets, { isolationLevel: 'read_uncommitted', topics })
  const total = ends.topics[0]?.partitions.reduce((sum, { offset }) => sum + Math.max(offset, 0), 0) ?? 0
  const found: Found[] = []
  if (total === 0) return found
  for await (const { value, partition, offset } of createConsumer<string>(engine, topic, { runtime }).take(total))
    found.push({ value, partition, offset })
  return found
}

/**
 * What the log says against the producers: acknowledged is there once and where it was said, failed is not there, nothing is there twice, and
 * what a producer sent to a partition is in its order.
 */
export function violationsIn(log: readonly Found[], sent: ReadonlyMap<string, Sent>): string[] {
  const violations: string[] = []
  const found = Map.groupBy(log, ({ value }) => value)
  for (const [value, { outcome, offset, partition }] of sent) {
    const copies = found.get(value) ?? []
    const places = copies.map((copy) => `${copy.partition}/${copy.offset}`).join(', ')
    if (copies.length > 1) violations.push(`${value} is there ${copies.length} times, at ${places}`)
    if (outcome === 'delivered' && places !== `${partition}/${offset}`)
      violations.push(`${value} was acknowledged at ${partition}/${offset} and lies at ${places || 'no place'}`)
    if (outcome === 'failed' && copies.length > 0) violations.push(`${value} failed and is there, at ${places}`)
    if (outcome === 'waiting') violations.push(`${value} was never settled`)
  }
  const byQueue = Map.groupBy(sent, ([, { producer, partition }]) => `${producer} in partition ${partition}`)
  for (const [queue, own] of byQueue) {
    const offsets = own.flatMap(([value]) => found.get(value)?.[0]?.offset ?? [])
    if (offsets.some((offset, index) => index > 0 && offset < (offsets[index - 1] as number)))
      violations.push(`the records of ${queue} are out of order`)
  }
  return violations
}
