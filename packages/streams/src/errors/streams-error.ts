import { KafkaError, type KafkaErrorOptions } from '@kafkado/core'
import { copyByFields } from '@kafkado/core/internal'

/**
 * What went wrong with a record: it could not be read (Kafka: DeserializationExceptionHandler), what an operator made
 * of it threw (ProcessingExceptionHandler), or a result could not be written to its topic (ProductionExceptionHandler).
 */
export type ErrorKind = 'deserialization' | 'processing' | 'production'

export const errorKinds: readonly ErrorKind[] = ['deserialization', 'processing', 'production']

/** Where something went wrong, as far as that is known. */
export interface ErrorPlace {
  readonly kind: ErrorKind
  /** The task, as `subtopology_partition`; undefined for a global table, which belongs to no task. */
  readonly task?: string | undefined
  /** Of the record in hand; undefined where there was none, as in a punctuation. */
  readonly topic?: string | undefined
  readonly partition?: number | undefined
  readonly offset?: number | undefined
  readonly operator?: string | undefined
  /** The store whose key or value could not be read or written. */
  readonly store?: string | undefined
  /** The topic that a result could not be written to. */
  readonly output?: string | undefined
}

/** What a record has failed with, and where; `cause` is what was thrown. Kafka: ErrorHandlerContext. */
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

/** Where an error says that it comes from. */
export function placeOf({ kind, task, topic, partition, offset, operator, store, output }: StreamsError): ErrorPlace {
  return { kind, task, topic, partition, offset, operator, store, output }
}
