import { DisconnectedError, type KafkaError, type Outcome } from '../errors/kafka-error.ts'
import { messageOf } from '../errors/message-of.ts'

/** Why a request got no answer. */
export interface RootCause {
  readonly code: string | undefined
  readonly message: string
}

/** The first error with a code among the causes, else the last of them. They may form a circle. */
export function rootOf(error: unknown, causesLeft = 10): RootCause {
  const { cause, code } = Object(error) as { cause?: unknown; code?: unknown }
  if (typeof code === 'string') return { code, message: messageOf(error) }
  return cause === undefined || causesLeft === 0
    ? { code: undefined, message: messageOf(error) }
    : rootOf(cause, causesLeft - 1)
}

/** The error of a request that got no answer. @param advice follows the reason */
export function cannotReach(url: string, cause: unknown, outcome: Outcome, advice = ''): KafkaError {
  const { code, message } = rootOf(cause)
  const because = `${code ?? message}. Is it running there?${advice}`
  return new DisconnectedError(`cannot reach the kafkado server at ${url}: ${because}`, { cause, outcome })
}
