/**
 * JSON with a right checksum. A checksum says that nothing has changed since it was made; who made it, it does not say.
 * So whoever reads it asks whether all of it has the right form. What has another one is damage, as with a wrong
 * checksum.
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
export const mostFileNumber: number = 4_000_000_000
export const greatestU32: number = 2 ** 32 - 1

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
