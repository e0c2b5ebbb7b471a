import { InvalidRequestError } from '@kafkado/core'
import { KeyValue } from './key-value.ts'
import { type BuildProcessor, enter, type RecordContext, requireAnswer } from './processor.ts'

/** A user's function of a value, its key and further facts about the record. */
export type ValueFunction<R> = (value: unknown, key: unknown, record: RecordContext) => R

export function filterProcessor(operator: string, predicate: ValueFunction<unknown>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      if (requireAnswer(predicate(value, key, context.current), operator)) forward(key, value, timestamp)
    },
  ]
}

/** The opposite of a predicate. */
export function negated<Given extends unknown[]>(
  operator: string,
  predicate: (...given: Given) => unknown,
): (...given: Given) => boolean {
  return (...given) => !requireAnswer(predicate(...given), operator)
}

/** Takes the result as the value, or as key and value if it is a KeyValue. */
export function mapProcessor(map: ValueFunction<unknown>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      const mapped = requireAnswer(map(value, key, context.current), 'map')
      if (mapped instanceof KeyValue) forward(mapped.key, mapped.value, timestamp)
      else forward(key, mapped, timestamp)
    },
  ]
}

export function mapValuesProcessor(map: ValueFunction<unknown>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      forward(key, requireAnswer(map(value, key, context.current), 'mapValues'), timestamp)
    },
  ]
}

export function flatMapProcessor(map: ValueFunction<Iterable<unknown>>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      for (const one of requireIterable(map(value, key, context.current), 'flatMap')) {
        if (one instanceof KeyValue) forward(one.key, one.value, timestamp)
        else forward(key, one, timestamp)
        // The iterable may be a generator, whose code continues now.
        enter(context, name, timestamp)
      }
    },
  ]
}

export function flatMapValuesProcessor(map: ValueFunction<Iterable<unknown>>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      for (const one of requireIterable(map(value, key, context.current), 'flatMapValues')) {
        forward(key, one, timestamp)
        // As above.
        enter(context, name, timestamp)
      }
    },
  ]
}

function requireIterable(mapped: Iterable<unknown>, operator: string): Iterable<unknown> {
  const answer: unknown = requireAnswer(mapped, operator)
  if (typeof answer === 'object' && answer !== null && Symbol.iterator in answer) return mapped
  throw new InvalidRequestError(`${operator}: the function must return an array or another iterable`)
}

export function selectKeyProcessor(operator: string, select: ValueFunction<unknown>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      const selected = requireAnswer(select(value, key, context.current), operator)
      forward(selected === undefined ? null : selected, value, timestamp)
    },
  ]
}

export function peekProcessor(operator: string, look: ValueFunction<unknown>): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp, old) => {
      enter(context, name, timestamp)
      requireAnswer(look(value, key, context.current), operator)
      forward(key, value, timestamp, old)
    },
  ]
}

/** Forwards everything, with so many inputs. */
export function mergeProcessor(inputs: number): BuildProcessor {
  return (_context, forward) => Array.from({ length: inputs }, () => forward)
}

/** Passes the number of the first matching predicate, or that none matches, in place of the former value. */
export function splitProcessor(predicates: readonly ValueFunction<unknown>[]): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp) => {
      enter(context, name, timestamp)
      const first = predicates.findIndex((holds) => requireAnswer(holds(value, key, context.current), 'split'))
      forward(key, value, timestamp, first < 0 ? predicates.length : first)
    },
  ]
}

/** Forwards the records that {@link splitProcessor} numbers for this branch. */
export function splitBranchProcessor(branch: number): BuildProcessor {
  return (_context, forward) => [
    (key, value, timestamp, first) => {
      if (first === branch) forward(key, value, timestamp)
    },
  ]
}
