import { codeOf, errorCodeOf, type KafkaErrorName } from './error-codes.ts'
import { errorDescriptions } from './error-descriptions.ts'
import { shortened } from './shortened.ts'

/** Enough for the longest names of a topic and a group, and a sentence about them. */
const mostCharacters = 1000

/** The two fields with the result of one element of a response. */
export interface ErrorFields {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const succeeded: ErrorFields = { errorCode: /* @__PURE__ */ codeOf('NONE'), errorMessage: null }

export function failed(name: KafkaErrorName, message: string = errorDescriptions[name]): ErrorFields {
  return { errorCode: codeOf(name), errorMessage: shortened(message, mostCharacters) }
}

/** A server's answer, with a description added if it sent only the number. */
export function described(errorCode: number, errorMessage?: string | null): ErrorFields {
  if (errorCode === 0) return { errorCode, errorMessage: errorMessage ?? null }
  return { errorCode, errorMessage: errorMessage ?? errorDescriptions[errorCodeOf(errorCode).name] }
}

export function noSuchTopic(topic: string): ErrorFields {
  return failed('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic '${topic}'`)
}

/** @param partitionCount undefined if the topic does not exist either */
export function noSuchPartition(topic: string, partition: number, partitionCount: number | undefined): ErrorFields {
  if (partitionCount === undefined) return noSuchTopic(topic)
  const message = `topic '${topic}' has ${partitionCount} partitions, so there is no partition ${partition}`
  return failed('UNKNOWN_TOPIC_OR_PARTITION', message)
}
