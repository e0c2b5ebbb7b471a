import { showTyped } from '../config/show-value.ts'

/**
 * Refuses values that JSON would silently change: bytes become an object of numbers, a Map becomes `{}`, NaN becomes
 * null. It runs after JSON.stringify, which has refused circles and BigInt. A `toJSON` method decides how its object is
 * written, so its result is checked instead. An undefined property is left out, as everybody knows.
 *
 * @throws TypeError that names the path
 */
export function refuseLoss(value: unknown): void {
  const loss = lossIn(value)
  if (loss !== undefined) throw new TypeError(loss)
}

/** The loss and its path; undefined when JSON keeps everything. */
function lossIn(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      // Only NaN and the infinities do not give 0 when subtracted from themselves.
      return value - value === 0 ? undefined : lost(value, 'write it as a string, or null')
    case 'object':
      if (value === null) return undefined
      if (Array.isArray(value)) return lossInArray(value)
      return Object.getPrototypeOf(value) === Object.prototype ? lossInPlain(value) : lossOfClass(value)
    default:
      return lost(value, 'leave it out')
  }
}

function lossInArray(list: readonly unknown[]): string | undefined {
  for (let index = 0; index < list.length; index++) {
    const content = list[index]
    if (typeof content === 'string') continue
    const loss = lossIn(content)
    if (loss !== undefined) return at(`[${index}]`, loss)
  }
  return undefined
}

/**
 * This runs for every record, so the usual types come first. It takes the values without their names: V8 optimises
 * `value[key]` for one name, and for objects within objects it would give up and optimise again without end.
 */
function lossInPlain(value: object): string | undefined {
  const contents: readonly unknown[] = Object.values(value)
  for (let index = 0; index < contents.length; index++) {
    const content = contents[index]
    if (typeof content === 'string') continue
    const loss = content === undefined ? undefined : lossIn(content)
    if (loss === undefined) continue
    return hasToJson(value) ? lossInConverted(value) : at(`.${Object.keys(value)[index]}`, loss)
  }
  return undefined
}

const instead: Readonly<Record<string, string>> = {
  Map: 'use Object.fromEntries(map), or [...map]',
  Set: 'use [...set]',
  Date: 'give a valid date',
  Error: 'write the parts that you need, such as its message',
}

function lossOfClass(value: object): string | undefined {
  if (ArrayBuffer.isView(value))
    return lost(value, 'define the topic with bytes(), or write them as a string of base64')
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  if (kind === 'Date') return Number.isNaN((value as Date).getTime()) ? lost(value, instead[kind] as string) : undefined
  if (kind === 'Number') return lossIn(Number(value))
  if (hasToJson(value)) return lossInConverted(value)
  if (!isOpaque(value, kind)) return lossInPlain(value)
  return lost(value, instead[kind] ?? (kind.endsWith('Buffer') ? 'define the topic with bytes()' : 'leave it out'))
}

/**
 * Objects with a type name of their own, such as a Map, a Promise or a Blob, keep their content out of JSON's sight.
 */
function isOpaque(value: object, kind: string): boolean {
  if (kind === 'Object' || kind === 'String' || kind === 'Boolean') return false
  return Object.hasOwn(instead, kind) || Object.keys(value).length === 0
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function'
}

/**
 * Checks the result of `toJSON`. JSON does not call `toJSON` on that result again, so a Date returned by `toJSON`
 * becomes `{}`.
 */
function lossInConverted(value: { toJSON(key: string): unknown }): string | undefined {
  const converted = value.toJSON('')
  if (converted === undefined) return undefined
  if (typeof converted !== 'object' || converted === null || !hasToJson(converted)) return lossIn(converted)
  const content = Object.fromEntries(Object.entries(converted).filter(([name]) => name !== 'toJSON'))
  const kind = Object.prototype.toString.call(converted).slice(8, -1)
  return isOpaque(content, kind) ? lost(converted, 'let toJSON return a string') : lossInPlain(content)
}

function lost(value: unknown, advice: string): string {
  return `value: JSON cannot keep ${showTyped(value)}; ${advice}`
}

/** Prepends a step to the path in the message. */
function at(step: string, loss: string): string {
  const [, path = '', rest = loss] = /^value(\S*): (.*)$/su.exec(loss) ?? []
  return `value${step}${path}: ${rest}`
}
