import { KafkaError, type KafkaErrorOptions } from '@kafkado/core'
import { copyByFields } from '@kafkado/core/internal'

/**
 * What failed for a record: reading it (Kafka: DeserializationExceptionHandler), an operator
 * (ProcessingExceptionHandler), or writing a result to its topic (ProductionExceptionHandler).
 */
export type ErrorKind = 'deserialization' | 'processing' | 'production'

export const errorKinds: readonly ErrorKind[] = ['deserialization', 'processing', 'production']

/** The place of an error, as far as it is known. */
export interface ErrorPlace {
  readonly kind: ErrorKind
  /** The task, as `subtopology_partition`; undefined for a global table, which belongs to no task. */
  readonly task?: string | undefined
  /** The topic of the current record; undefined without one, as in a punctuation. */
  readonly topic?: string | undefined
  readonly partition?: number | undefined
  readonly offset?: number | undefined
  readonly operator?: string | undefined
  /** The store whose key or value failed to be read or written. */
  readonly store?: string | undefined
  /** The topic that refused a result. */
  readonly output?: string | undefined
}

/** A failure of a record, and its place; `cause` is the thrown error. Kafka: ErrorHandlerContext. */
export class StreamsError extends KafkaError implements ErrorPlace {
  static override readonly code = 'STREAMS'

  readonly kind: ErrorKind
  readonly task: string | undefined
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly offset: number | undefined
  readonly operator: string | undefined
  readonly store: string | undefined
  readonly output: string | undefined

  constructor(
    message: string,
    { kind, task, topic, partition, offset, operator, store, output, ...options }: ErrorPlace & KafkaErrorOptions,
  ) {
    super(message, options)
    this.kind = kind
    this.task = task
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.operator = operator
    this.store = store
    this.output = output
  }
}

copyByFields(StreamsError)

/** The place that an error names. */
export function placeOf({ kind, task, topic, partition, offset, operator, store, output }: StreamsError): ErrorPlace {
  return { kind, task, topic, partition, offset, operator, store, output }
}
