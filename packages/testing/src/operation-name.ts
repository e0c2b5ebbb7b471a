import type * as core from '@kafkado/core'
import { type AnyOperation, InvalidRequestError, type KafkaErrorName } from '@kafkado/core'
import { allOperations, showValue } from '@kafkado/core/internal'
import { errorDescriptions } from '@kafkado/core/internal/answers'

type Core = typeof core

/** The name of an operation, as `@kafkado/core` exports it: `produce`, `fetch`, `offsetCommit`, … */
export type OperationName = { [Name in keyof Core]: Core[Name] extends AnyOperation ? Name : never }[keyof Core]

/** @throws InvalidRequestError that lists the operations, when none has this name */
export function requireOperation(name: OperationName): void {
  const names = allOperations.map((operation) => operation.name)
  if (names.includes(name)) return
  throw new InvalidRequestError(
    `faults: there is no operation ${showValue(name)}. The operations are ${names.toSorted().join(', ')}`,
  )
}

/** @throws InvalidRequestError when Kafka has no error of this name */
export function requireErrorName(name: KafkaErrorName): void {
  if (Object.hasOwn(errorDescriptions, name)) return
  throw new InvalidRequestError(
    `faults: Kafka has no error ${showValue(name)}: use its name in capitals, such as NOT_LEADER_OR_FOLLOWER`,
  )
}
