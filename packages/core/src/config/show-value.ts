const mostCharacters = 80

/** Describes a value in an error: on one line, short, and without ever throwing. */
export function showValue(value: unknown): string {
  const text = textOf(value)
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text
}

/** Describing a value may run its code: getters, the traps of a Proxy, a class's name. */
function textOf(value: unknown): string {
  try {
    return textOfHarmless(value)
  } catch {
    return 'an object'
  }
}

function textOfHarmless(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (isDate(value)) return Number.isNaN(+value) ? 'an invalid Date' : `the Date ${value.toISOString()}`
  if (typeof value === 'string') return JSON.stringify(value.slice(0, mostCharacters))
  if (typeof value !== 'object' || value === null) return String(value)
  if (!Array.isArray(value) && !isPlain(value)) return withArticle(classOf(value))
  return (JSON.stringify(value, replaceUnwritable) as string | undefined) ?? 'an object'
}

/** The same, for an error that expected another type. */
export function showTyped(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? `${typeof value} ${value}` : showValue(value)
}

/** Recognises a Date of another realm too, such as a test runner's. */
export function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]'
}

/**
 * Whether an object has names and values and no class of its own, so that JSON shows it as it is. An object of another
 * realm has a different Object.prototype, so check only that its prototype has none itself.
 */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function classOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return tag === 'Object' ? (value.constructor?.name ?? tag) : tag
}

function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

/** JSON cannot write these: it throws for one and writes null for the other. */
function replaceUnwritable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
