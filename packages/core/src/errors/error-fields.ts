import { codeOf, errorCodeOf, type KafkaErrorName } from './error-codes.ts'
import { errorDescriptions } from './error-descriptions.ts'
import { shortened } from './shortened.ts'

/** Room for the longest names of a topic and of a group, and what is to be said of them. */
const mostCharacters = 1000

/** The two fields by which an element of a response says how it went. */
export interface ErrorFields {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const succeeded: ErrorFields = { errorCode: /* @__PURE__ */ codeOf('NONE'), errorMessage: null }

export function failed(name: KafkaErrorName, message: string = errorDescriptions[name]): ErrorFields {
  return { errorCode: codeOf(name), errorMessage: shortened(message, mostCharacters) }
}

/** What a server answered, described where it sent the number alone. */
export function described(errorCode: number, errorMessage?: string | null): ErrorFields {
  if (errorCode === 0) return { errorCode, errorMessage: errorMessage ?? null }
  return { errorCode, errorMessage: errorMessage ?? errorDescriptions[errorCodeOf(errorCode).name] }
}

export function noSuchTopic(topic: string): ErrorFields {
  return failed('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic '${topic}'`)
}

/** @param partitionCount undefined where there is no such topic either */
export function noSuchPartition(topic: string, partition: number, partitionCount: number | undefined): ErrorFields {
  if (partitionCount === undefined) return noSuchTopic(topic)
  const message = `topic '${topic}' has ${partitionCount} partitions, so there is no partition ${partition}`
  return failed('UNKNOWN_TOPIC_OR_PARTITION', message)
}
