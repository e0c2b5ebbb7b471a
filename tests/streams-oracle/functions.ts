import type { Adder, JoinKind, Mapper, Predicate, Selector } from './case.ts'

/**
 * What the functions of a case do. Functions.java does the same to the letter: both know keys and values as text, which
 * is ASCII, and every function takes whatever comes, null too.
 */
export function textOf(given: unknown): string | null {
  if (given === null || given === undefined) return null
  if (typeof given !== 'object') return String(given as string | number)
  const { key, start, end } = given as { key: string; start: number; end: number }
  return `${key}@${start}-${end}`
}

function hashOf(given: unknown): number {
  let hash = 7
  for (const character of textOf(given) ?? '') hash = (hash * 31 + character.charCodeAt(0)) % 65_521
  return hash
}

/**
 * What aggregates begin with. Kafka Streams takes it for what a row was before, and ours do not; so nothing is ever
 * made of it, as of a row that is not there. Counts begin with 0.
 */
export const initial = '^'

function isNothing(value: unknown): boolean {
  return value === initial || value === 0
}

/** Long values would say no more than short ones. */
function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 16)}~${hashOf(text)}` : text
}

type OfRecord<R> = (value: unknown, key: unknown) => R

const predicatesOfRows: Readonly<Record<Predicate, OfRecord<boolean>>> = {
  even: (value) => hashOf(value) % 2 === 0,
  third: (value) => hashOf(value) % 3 !== 0,
  evenKey: (_value, key) => hashOf(key) % 2 === 0,
  present: (value) => value !== null,
}

const mappersOfRows: Readonly<Record<Mapper, OfRecord<string | null>>> = {
  mark: (value) => short(`${textOf(value)}m`),
  shorten: (value) => textOf(value)?.slice(0, 2) ?? null,
  some: (value) => (hashOf(value) % 3 === 0 ? null : textOf(value)),
  keyed: (value, key) => short(`${textOf(key)}:${textOf(value)}`),
  same: (value) => textOf(value),
}

const selectorsOfRows: Readonly<Record<Selector, OfRecord<string | null>>> = {
  value: (value) => textOf(value),
  initial: (value) => textOf(value)?.slice(0, 1) ?? null,
  hash: (value) => `k${hashOf(value) % 3}`,
  sometimes: (value, key) => (hashOf(value) % 4 === 0 ? null : textOf(key)),
  same: (_value, key) => textOf(key),
  prefixed: (_value, key) => (key === null ? null : short(`x${textOf(key)}`)),
  digit: (value) => {
    const last = textOf(value)?.slice(-1) ?? ''
    return last >= '0' && last <= '9' ? `k${last}` : null
  },
}

export const predicates = unlessNothing(predicatesOfRows, false)
/** For filterNot, which is to leave out nothing as well. */
export const exclusions = unlessNothing(predicatesOfRows, true)
export const mappers = unlessNothing(mappersOfRows, null)
export const selectors = unlessNothing(selectorsOfRows, null)

function unlessNothing<Name extends string, R>(
  functions: Readonly<Record<Name, OfRecord<R>>>,
  instead: R,
): Readonly<Record<Name, OfRecord<R>>> {
  const entries = Object.entries<OfRecord<R>>(functions)
  const guarded = entries.map(([name, act]): [string, OfRecord<R>] => {
    return [name, (value, key) => (isNothing(value) ? instead : act(value, key))]
  })
  return Object.fromEntries(guarded) as Record<Name, OfRecord<R>>
}

/** What a record is made into by flatMap: none, one or two. */
export function piecesOf(value: unknown): string[] {
  return Array.from({ length: hashOf(value) % 3 }, (_, index) => short(`${textOf(value)}${index}`))
}

export const adders: Readonly<Record<Adder, (aggregate: unknown, value: unknown) => string | null>> = {
  concat: (aggregate, value) => short(`${textOf(aggregate)}+${textOf(value)}`),
  dropping: (aggregate, value) => (hashOf(value) % 5 === 0 ? null : short(`${textOf(aggregate)}+${textOf(value)}`)),
  last: (_aggregate, value) => textOf(value),
}

export const subtract = (aggregate: unknown, value: unknown): string => short(`${textOf(aggregate)}-${textOf(value)}`)
export const merged = (left: unknown, right: unknown): string => short(`(${textOf(left)}|${textOf(right)})`)
export const joined =
  (kind: JoinKind) =>
  (left: unknown, right: unknown): string | null => {
    const hasResult = (!isNothing(left) || kind === 'outer') && (!isNothing(right) || kind !== 'inner')
    const [one, other] = [isNothing(left) ? null : textOf(left), isNothing(right) ? null : textOf(right)]
    return hasResult && (one !== null || other !== null) ? short(`${one}&${other}`) : null
  }
