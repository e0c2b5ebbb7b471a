import type { KafkaErrorName } from '@kafkado/core'

/**
 * Why the engine refuses an element of a request: a topic, a partition, a batch. It is returned instead of the result.
 * An error would record its stack, which costs more than the refused batch.
 */
export class Refusal {
  readonly errorName: KafkaErrorName
  readonly message: string

  constructor(errorName: KafkaErrorName, message: string) {
    this.errorName = errorName
    this.message = message
  }
}
