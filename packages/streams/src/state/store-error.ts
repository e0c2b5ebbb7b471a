import { SerializationError } from '@kafkado/core'
import { copyByFields, messageOf } from '@kafkado/core/internal'
import { causesOf } from '../errors/causes.ts'

/** A key or value of a store cannot be read or written. */
export class StoreError extends SerializationError {
  readonly store: string

  constructor(store: string, problem: string, cause?: unknown) {
    super(`store '${store}': ${problem}`, { cause })
    this.store = store
  }
}

copyByFields(StoreError)

/** Finds the store that an error names, or that one of its causes names. */
export function storeOfError(error: unknown): string | undefined {
  for (const one of causesOf(error)) if (one instanceof StoreError) return one.store
  return undefined
}

/** Builds the message for a key or value that cannot be written. */
export function notWritten(store: string, what: string, cause: unknown): StoreError {
  const detail = messageOf(cause)
  return new StoreError(store, `${what} cannot be written: ${detail}`, cause)
}
