import type { KafkaRecord } from '@kafkado/core'
import type { KafkaClient } from 'kafkado'

/** Reads a topic from its beginning, as many values at a time as requested. */
export interface Values<V> {
  next(count: number): Promise<V[]>
  records(count: number): Promise<KafkaRecord<V>[]>
  close(): Promise<void>
}

export function take<V>(kafka: KafkaClient, topic: string): Values<V> {
  const consumer = kafka.consumer<V>(topic)
  const records = async (count: number): Promise<KafkaRecord<V>[]> => {
    const taken: KafkaRecord<V>[] = []
    while (taken.length < count) taken.push(await consumer.next())
    return taken
  }
  return {
    records,
    next: async (count) => (await records(count)).map(({ value }) => value),
    close: () => consumer.close(),
  }
}
