import { createAdmin } from '@kafkado/admin'
import { createConsumer } from '@kafkado/consumer'
import type { KafkaRecord, Transport } from '@kafkado/core'
import { until } from '../../passing-time.ts'

/** Every committed record of a topic, up to the end of each partition: one that is there twice is found twice. */
export async function readBack(transport: Transport, topic: string): Promise<KafkaRecord<string>[]> {
  const { offsets } = await createAdmin(transport).describeTopic(topic)
  const consumer = createConsumer<string>(transport, topic)
  const found: KafkaRecord<string>[] = []
  const reading = (async () => {
    for await (const record of consumer) found.push(record)
  })()
  // Behind the last record there may be the marker of a transaction, so the position says when the end is reached, and
  // not a record.
  await until(() => {
    const at = new Map(consumer.health().partitions.map(({ partition, position }) => [partition, position ?? 0]))
    return offsets.every(({ partition, latest }) => (at.get(partition) ?? 0) >= latest)
  })
  await consumer.close()
  await reading
  return found
}
