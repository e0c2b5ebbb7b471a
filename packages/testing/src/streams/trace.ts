import type { KafkaRecord } from '@kafkado/core'

/** One thing that happened in a test driver: a record came in, went out, or had no effect. */
export interface TraceStep {
  readonly what: 'in' | 'out' | 'dropped'
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  /** The task, as `subtopology_partition`. */
  readonly task: string
  /** Why it had no effect. */
  readonly reason?: string
}

/** Key and value of a record, or the reason why they cannot be decoded; the task deals with that. */
export function readable(record: KafkaRecord<unknown, unknown>): Pick<TraceStep, 'key' | 'value'> {
  try {
    return { key: record.key, value: record.value }
  } catch (error) {
    return { key: record.rawKey, value: error }
  }
}
