import { InvalidRequestError } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import type { Plan, PlannedRepartition, PlannedStore } from './plan.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a plan from the text of its file.
 *
 * @param path names the file in errors
 * @throws InvalidRequestError when it is no plan, or one of another version
 */
export function parsePlan(text: string, path: string): Plan {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw notAPlan(path, messageOf(cause), cause)
  }
  if (!isObject(parsed)) throw notAPlan(path, 'it is no object')
  if (parsed['version'] !== 1)
    throw new InvalidRequestError(
      `${path} is a plan of version ${JSON.stringify(parsed['version'])}, and this version of kafkado reads version 1`,
    )
  const { application } = parsed
  if (typeof application !== 'string') throw notAPlan(path, 'it does not name its application')
  const stores = eachOf(path, parsed, 'stores', isStore)
  return { version: 1, application, stores, repartitions: eachOf(path, parsed, 'repartitions', isRepartition) }
}

function notAPlan(path: string, problem: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError(`${path} is not a plan: ${problem}; restore the file, or remove it`, { cause })
}

function eachOf<T>(path: string, plan: Fields, field: keyof Plan, isOne: (one: unknown) => one is T): T[] {
  const all = plan[field]
  if (!Array.isArray(all)) throw notAPlan(path, `${field} is no list`)
  const wrong = all.findIndex((one) => !isOne(one))
  if (wrong >= 0) throw notAPlan(path, `${field}[${wrong}] is not as it was written`)
  return all.filter(isOne)
}

function isStore(one: unknown): one is PlannedStore {
  if (!isObject(one)) return false
  const { windowSizeMs } = one
  const hasSize = windowSizeMs === null || typeof windowSizeMs === 'number'
  return hasTexts(one, ['name', 'kind', 'purpose', 'changelog']) && hasSize && isCounted(one)
}

function isRepartition(one: unknown): one is PlannedRepartition {
  if (!isObject(one)) return false
  const { isForTasks } = one
  return hasTexts(one, ['topic', 'reason']) && (isForTasks === undefined || isForTasks === true) && isCounted(one)
}

function isCounted({ partitions, position }: Fields): boolean {
  const hasPosition = position === undefined || (isObject(position) && hasTexts(position, ['base', 'suffix']))
  return Number.isSafeInteger(partitions) && (partitions as number) >= 0 && hasPosition
}

function hasTexts(one: Fields, names: readonly string[]): boolean {
  return names.every((name) => typeof one[name] === 'string')
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
