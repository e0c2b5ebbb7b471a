import { codeOf, errorCodeOf, type KafkaErrorName } from '@kafkado/core'
import { errorDescriptions } from '@kafkado/core/internal'

export interface ErrorFields {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** The fields by which an element of a response says how it went, where Kafka sends the number alone. */
export function described(errorCode: number, errorMessage?: string | null): ErrorFields {
  if (errorCode === 0) return { errorCode, errorMessage: errorMessage ?? null }
  return { errorCode, errorMessage: errorMessage ?? errorDescriptions[errorCodeOf(errorCode).name] }
}

export function refused(name: KafkaErrorName, message: string): ErrorFields {
  return { errorCode: codeOf(name), errorMessage: message }
}
