import { anyField, booleanField, type ConfigFields, parseConfig, textField } from '@kafkado/core/internal'
import type { AnySerdeLike, AnyStateOptions, Named } from './types.ts'

/** How keys and values are grouped. */
export interface GroupingOptions extends Named {
  readonly key?: AnySerdeLike | undefined
  readonly value?: AnySerdeLike | undefined
}

// Serdes and functions are checked where they are used.
export const namedOptions: ConfigFields<Named> = { name: textField() }
export const keyOptions: ConfigFields<Omit<GroupingOptions, 'value'>> = { ...namedOptions, key: anyField() }
export const valueOptions: ConfigFields<Omit<GroupingOptions, 'key'>> = { ...namedOptions, value: anyField() }
export const groupingOptions: ConfigFields<GroupingOptions> = { ...keyOptions, ...valueOptions }
export const stateOptions: ConfigFields<AnyStateOptions> = { ...valueOptions, cache: booleanField() }
export const mergingOptions: ConfigFields<AnyStateOptions & { merge?: unknown }> = {
  ...stateOptions,
  merge: anyField(),
}
export const partitionOptions: ConfigFields<Named & { partition?: unknown }> = {
  ...namedOptions,
  partition: anyField(),
}

/**
 * Reads the options of an operator. A misspelt name would silently change nothing.
 *
 * @throws InvalidRequestError that names the operator, the unknown option, and the option that was probably meant
 */
export function optionsOf<T extends object>(operator: string, fields: ConfigFields<T>, given: T | undefined): T {
  return parseConfig<T>(operator, fields, given ?? {})
}
