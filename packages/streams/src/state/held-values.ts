import { copyBytes } from '@kafkado/core/internal'

/**
 * A value as a store holds it. The store shares it with nobody, so it never changes when a given or returned object
 * does. Immutable values are held as they are. Plain data are copied on put and on read, which takes a fraction of
 * serialising them. Any other value is held as its serde writes it.
 */
export type Held = unknown

/** A serialised value, for values other than plain data. */
export class WrittenValue {
  readonly content: string | Uint8Array
  readonly #read: (content: Uint8Array) => unknown

  /** @param content not shared @param read deserialises it */
  constructor(content: string | Uint8Array, read: (content: Uint8Array) => unknown) {
    this.content = content
    this.#read = read
  }

  /** Returns a new value each time. */
  read(): unknown {
    // The serde may return the bytes themselves, so it gets a copy.
    return this.#read(typeof this.content === 'string' ? encoder.encode(this.content) : copyBytes(this.content))
  }
}

const encoder = new TextEncoder()
const isNot = Symbol('not plain data')
/** Deeper values, and those that contain themselves, are left to their serde. */
const deepest = 100

/** The held form of plain data; undefined for other values, which must be serialised. */
export function heldAsPlain(value: unknown): Held {
  if (typeof value !== 'object' || value === null) return value
  const copy = copied(value, 0)
  return copy === isNot ? undefined : copy
}

/** A value to return: its reader may change it freely. */
export function given(holding: Held): unknown {
  if (typeof holding !== 'object' || holding === null) return holding
  return holding instanceof WrittenValue ? holding.read() : copyOf(holding)
}

/** The same for a value that is no longer held and so needs no copy. */
export function givenUp(holding: Held): unknown {
  return holding instanceof WrittenValue ? holding.read() : holding
}

/** Copies plain data that were checked on put, which takes half the time. */
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
 * Copies objects and arrays of JSON values at any depth; undefined for anything else, such as a Date, a class, a bigint
 * or an undefined property.
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
      // Whether it is a finite number.
      return value - value === 0
    default:
      return value === null
  }
}
