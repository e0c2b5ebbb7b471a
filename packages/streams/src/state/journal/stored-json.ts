import { isObject } from '@kafkado/core/internal'
import type { FileMark, JournalHead } from './file-head.ts'
import type { JournalMeta } from './journal-meta.ts'
import { storeNumbers } from './journal-state.ts'

/**
 * JSON with a right checksum. A checksum says that nothing has changed since it was made; who made it, it does not say.
 * So everything here asks whether all of it has the right form, and answers undefined otherwise: then it is damage, as
 * with a wrong checksum.
 */
export function storedJson<T>(json: string, isRight: (value: unknown) => value is T): T | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  return isRight(value) ? value : undefined
}

/** The greatest number or id of a file; there is always room for the next ones. */
export const mostFileNumber = 4_000_000_000
const u32 = 2 ** 32 - 1

export function isCount(value: unknown, least = 0, most: number = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

/** Whether it is a list of items of the right form, no two of which are alike by one of the given functions. */
export function isListOf<T>(
  value: unknown,
  isRight: (item: unknown) => item is T,
  ...byWhat: readonly ((item: T) => unknown)[]
): value is T[] {
  if (!Array.isArray(value) || !value.every(isRight)) return false
  return byWhat.every((what) => new Set(value.map(what)).size === value.length)
}

export function isMeta(value: unknown): value is JournalMeta {
  if (!isObject(value) || !isObject(value['checkpoint'])) return false
  return (
    Object.values(value['checkpoint']).every(isStoreCheckpoint) &&
    isListOf(value['stores'], isNamedStore, ([name]) => name, ([, number]) => number) &&
    isListOf(value['files'], isFileInUse, ([id]) => id)
  )
}

function isStoreCheckpoint(value: unknown): boolean {
  return isObject(value) && isCount(value['offset']) && Number.isFinite(value['observedTime'])
}

function isNamedStore(value: unknown): value is readonly [name: string, number: number] {
  return Array.isArray(value) && typeof value[0] === 'string' && isCount(value[1], 0, storeNumbers - 1)
}

function isFileInUse(value: unknown): value is readonly [id: number, liveBytes: number] {
  return Array.isArray(value) && isCount(value[0], 1, mostFileNumber) && isCount(value[1])
}

export function isMark(value: unknown): value is FileMark {
  return (
    isObject(value) &&
    isCount(value['number'], 1, mostFileNumber) &&
    isCount(value['id'], 1, mostFileNumber) &&
    isCount(value['nonce'], 0, u32) &&
    isCount(value['length'], 0, u32) &&
    isCount(value['checksum'], 0, u32)
  )
}

/** Whether it is a head, whose files come in the order of their ids. */
export function isHead(value: unknown): value is Omit<JournalHead, 'number'> {
  if (!isObject(value) || !isMeta(value['meta'])) return false
  const { id, nonce, seed, before } = value
  return (
    isCount(id, 1, mostFileNumber) &&
    isCount(nonce, 0, u32) &&
    isCount(seed, 0, u32) &&
    isListOf(before, isMark) &&
    [...before.map((mark) => mark.id), id].every((one, index, ids) => index === 0 || one > (ids[index - 1] as number))
  )
}
