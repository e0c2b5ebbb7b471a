/** What a value is, in the words of an error: on one line, short, and whatever it is never an error itself. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`
  return typeof value === 'object' && value !== null ? showObject(value) : String(value)
}

/** Also a Date of another realm, such as a test runner's. */
export function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]' && typeof (value as Date).getTime === 'function'
}

function showObject(value: object): string {
  try {
    return JSON.stringify(value, replaceUnwritable).slice(0, 80)
  } catch {
    return Array.isArray(value) ? 'an array' : 'an object'
  }
}

/** JSON has neither of them: it would throw at the one and write null for the other. */
function replaceUnwritable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
