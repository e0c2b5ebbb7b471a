import { errorClasses, errorClassOf } from './error-classes.ts'
import { classCodeOf, KafkaError, type Outcome } from './kafka-error.ts'

/** Of classes whose errors are what their fields say, so that a copy of the fields is a copy of the error. */
const prototypesOfFields = new WeakSet<object>(
  [KafkaError, ...errorClasses].map(({ prototype }) => prototype as object),
)
const ofEveryError: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause'])

/** Says of a class of a sibling package that its errors are what their fields say: they are copied. */
export function copyByFields({ prototype }: { readonly prototype: object }): void {
  prototypesOfFields.add(prototype)
}

/**
 * The error of the last attempt of a call. When an earlier one may have been carried out, so may the call, whatever the
 * last one says.
 *
 * @param remark what was carried out, for people
 */
export function errorOfAttempts(error: unknown, mayBeDone: boolean, remark = ''): unknown {
  return mayBeDone && KafkaError.is(error) ? withOutcome(error, 'unknown', remark) : error
}

/**
 * The same error, which says something else of the effect of the call.
 *
 * One of ours is copied, as it may be told to several calls with different effects. What an error of a user's class is
 * besides its fields, such as `#private` ones, has no copy. `unknown` is never wrong, so it is written into that error
 * itself; for everything else it becomes the cause of one of ours.
 */
export function withOutcome(error: KafkaError, outcome: Outcome, remark = ''): KafkaError {
  if (error.outcome === outcome && remark === '') return error
  const { name, cause, stack } = error
  const message = error.message + remark
  const fields = { ...fieldsOf(error), outcome }
  if (prototypesOfFields.has(Object.getPrototypeOf(error) as object)) {
    const same = { message, cause, stack: remark === '' ? stack : stackOf(error, name, message) }
    return Object.assign(errorLike(error.constructor, fields, same), { name })
  }
  if (outcome === 'unknown' && remark === '' && isWritable(error, 'outcome')) return Object.assign(error, { outcome })
  const ours = errorLike(ourClassOf(error), fields, { message, cause: error, stack: undefined })
  return Object.assign(ours, { stack: stackOf(error, ours.name, message) })
}

/**
 * An error of a class that is what another was. Whatever further arguments the constructor of the class takes, what it
 * made of them is in the fields.
 */
export function errorLike(
  errorClass: unknown,
  fields: object,
  { message, cause, stack }: Pick<Error, 'message' | 'cause' | 'stack'>,
): KafkaError {
  // What is made of a class of errors, by the constructor of their root, is a native error.
  const error = Reflect.construct(
    KafkaError,
    [message, { ...fields, cause }],
    errorClass as typeof KafkaError,
  ) as KafkaError
  return Object.assign(error, fields, stack === undefined ? {} : { stack })
}

/** What an error says besides that which every error does. */
function fieldsOf(error: KafkaError): object {
  return Object.fromEntries(Object.entries(error).filter(([field]) => !ofEveryError.has(field)))
}

/** What is printed of an error: where it was thrown, below another name and message. Only V8 has them above it. */
function stackOf({ stack = '', message: before }: KafkaError, name: string, message: string): string {
  const said = stack.indexOf(before)
  const frames = stack.indexOf('\n    at ', said < 0 ? 0 : said + before.length)
  return frames < 0 ? stack : `${name}: ${message}${stack.slice(frames)}`
}

function isWritable(error: object, field: string): boolean {
  const own = Object.getOwnPropertyDescriptor(error, field)
  return own ? own.writable === true : !(field in error) && Object.isExtensible(error)
}

/** The nearest class of ours that it is an error of. */
function ourClassOf(error: KafkaError): unknown {
  let prototype = Object.getPrototypeOf(error) as object | null
  while (prototype !== null && !prototypesOfFields.has(prototype))
    prototype = Object.getPrototypeOf(prototype) as object | null
  // One of another copy of the package has none.
  return prototype?.constructor ?? errorClassOf(classCodeOf(error))
}
