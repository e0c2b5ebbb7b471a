import { copyBytes } from '@kafkado/core/internal'

/**
 * What a store holds of a value: nobody else has it, so it stays what was put, whatever becomes of the value that was
 * given or of one that was read. What cannot be changed is itself. Plain data are copied, when they are put and when
 * they are read: that takes a fraction of writing and reading them by a serde. Anything else is held as its serde
 * writes it.
 */
export type Held = unknown

/** A value that is no plain data, as it is written. */
export class WrittenValue {
  readonly content: string | Uint8Array
  readonly #read: (content: Uint8Array) => unknown

  /** @param content nobody else's @param read what its serde makes of it */
  constructor(content: string | Uint8Array, read: (content: Uint8Array) => unknown) {
    this.content = content
    this.#read = read
  }

  /** A new value each time. */
  read(): unknown {
    // The serde may give out the bytes themselves.
    return this.#read(typeof this.content === 'string' ? encoder.encode(this.content) : copyBytes(this.content))
  }
}

const encoder = new TextEncoder()
const isNot = Symbol('not plain data')
/** Deeper ones, and those that contain themselves, are left to their serde. */
const deepest = 100

/** What to hold of a value; undefined where it is no plain data, and has to be written for that. */
export function heldAsPlain(value: unknown): Held {
  if (typeof value !== 'object' || value === null) return value
  const copy = copied(value, 0)
  return copy === isNot ? undefined : copy
}

/** A value to give out: whoever is given it may do with it whatever he likes. */
export function given(holding: Held): unknown {
  if (typeof holding !== 'object' || holding === null) return holding
  return holding instanceof WrittenValue ? holding.read() : copyOf(holding)
}

/** The same of what is not held any more: nobody else has it. */
export function givenUp(holding: Held): unknown {
  return holding instanceof WrittenValue ? holding.read() : holding
}

/** A copy of what is known to be plain, as it was looked at when it was put: that takes half the time. */
function copyOf(plain: object): object {
  if (Array.isArray(plain)) return plain.map((one: unknown) => (isObject(one) ? copyOf(one) : one))
  const copy: Record<string, unknown> = { ...plain }
  for (const name in copy) {
    const one = copy[name]
    if (isObject(one)) copy[name] = copyOf(one)
  }
  return copy
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Objects and arrays of what JSON can say, all the way down; anything else is not plain, such as a Date, a class, a
 * bigint or an undefined property.
 */
function copied(value: object, depth: number): unknown {
  if (depth === deepest) return isNot
  if (Array.isArray(value)) return copiedArray(value, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return isNot
  const copy: Record<string, unknown> = { ...value }
  for (const name in copy) {
    const one = copy[name]
    if (isPlainPrimitive(one)) continue
    if (typeof one !== 'object') return isNot
    if ((copy[name] = copied(one as object, depth + 1)) === isNot) return isNot
  }
  return copy
}

function copiedArray(value: readonly unknown[], depth: number): unknown {
  const copy: unknown[] = [...value]
  for (let index = 0; index < copy.length; index++) {
    const one = copy[index]
    if (isPlainPrimitive(one)) continue
    if (typeof one !== 'object') return isNot
    if ((copy[index] = copied(one as object, depth + 1)) === isNot) return isNot
  }
  return copy
}

function isPlainPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      // No infinity, and a number at all.
      return value - value === 0
    default:
      return value === null
  }
}
