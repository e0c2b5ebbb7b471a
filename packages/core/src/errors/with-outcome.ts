import { errorClasses, errorClassOf } from './error-classes.ts'
import { classCodeOf, KafkaError, type Outcome } from './kafka-error.ts'

/**
 * The prototypes of classes whose errors consist of their fields, so that a copy of the fields is a copy of the error.
 */
const prototypesOfFields = new WeakSet<object>(
  [KafkaError, ...errorClasses].map(({ prototype }) => prototype as object),
)
const ofEveryError: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause'])

/** For a class of a sibling package whose errors consist of their fields: withOutcome() then copies them. */
export function copyByFields({ prototype }: { readonly prototype: object }): void {
  prototypesOfFields.add(prototype)
}

/**
 * The error of a call's last attempt. If an earlier attempt may have been carried out, the outcome becomes `unknown`,
 * whatever the last error says.
 *
 * @param remark tells people what was carried out
 */
export function errorOfAttempts(error: unknown, mayBeDone: boolean, remark = ''): unknown {
  return mayBeDone && KafkaError.is(error) ? withOutcome(error, 'unknown', remark) : error
}

/**
 * The same error with another outcome.
 *
 * Errors of our classes are copied, as several calls with different outcomes may throw one. An error of a user's class
 * may have more than its fields, such as `#private` ones, which nobody can copy. `unknown` is never wrong, so it is
 * written into that error itself; with any other outcome or a remark, it becomes the cause of one of our errors.
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
 * An error of this class with the other error's fields. Extra arguments of the class's constructor need not be known:
 * their results are among the fields.
 */
export function errorLike(
  errorClass: unknown,
  fields: object,
  { message, cause, stack }: Pick<Error, 'message' | 'cause' | 'stack'>,
): KafkaError {
  // Constructing from the base class, with the error's class as new target, gives a native error.
  const error = Reflect.construct(
    KafkaError,
    [message, { ...fields, cause }],
    errorClass as typeof KafkaError,
  ) as KafkaError
  return Object.assign(error, fields, stack === undefined ? {} : { stack })
}

/** The error's fields, except those that every error has. */
function fieldsOf(error: KafkaError): object {
  return Object.fromEntries(Object.entries(error).filter(([field]) => !ofEveryError.has(field)))
}

/** The error's stack with another name and message on top. Only V8 puts these there. */
function stackOf({ stack = '', message: before }: KafkaError, name: string, message: string): string {
  const said = stack.indexOf(before)
  const frames = stack.indexOf('\n    at ', said < 0 ? 0 : said + before.length)
  return frames < 0 ? stack : `${name}: ${message}${stack.slice(frames)}`
}

function isWritable(error: object, field: string): boolean {
  const own = Object.getOwnPropertyDescriptor(error, field)
  return own ? own.writable === true : !(field in error) && Object.isExtensible(error)
}

/** The nearest of our classes that the error's class extends. */
function ourClassOf(error: KafkaError): unknown {
  let prototype = Object.getPrototypeOf(error) as object | null
  while (prototype !== null && !prototypesOfFields.has(prototype))
    prototype = Object.getPrototypeOf(prototype) as object | null
  // An error of another copy of this package has none.
  return prototype?.constructor ?? errorClassOf(classCodeOf(error))
}
