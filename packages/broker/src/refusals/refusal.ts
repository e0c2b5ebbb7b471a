import type { KafkaErrorName } from '@kafkado/core'

/**
 * Why something is not done for an element of a request: a topic, a partition, a batch. It is returned in place of what
 * was asked for. An error would record where it was made, which costs more than the batch that is refused.
 */
export class Refusal {
  readonly errorName: KafkaErrorName
  readonly message: string

  constructor(errorName: KafkaErrorName, message: string) {
    this.errorName = errorName
    this.message = message
  }
}
