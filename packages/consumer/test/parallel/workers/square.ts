import type { KafkaRecord } from 'kafkado'
import { defineTopic, int64 } from 'kafkado'

export const topics = [defineTopic('numbers', { value: int64() })]

/** Reports what it saw over the channel that the test listens to. */
const channel = new BroadcastChannel('square')

export default async function square(record: KafkaRecord<number>): Promise<void> {
  const { topic, partition, offset, key, value, headers } = record
  if (headers['fail'] !== undefined) throw new RangeError(`cannot square ${value}`)
  if (headers['exit'] !== undefined) process.exit(7)
  if (headers['commit'] !== undefined) await record.commit()
  channel.postMessage({
    topic,
    partition,
    offset,
    key,
    value,
    headers,
    squared: typeof value === 'number' ? value ** 2 : value,
  })
}
