import { InvalidRequestError, json, type Serde } from '@kafkado/core'
import { int64 } from '@kafkado/core'
import { aggregateProcessor } from '../processors/aggregate.ts'
import type { Adder, Aggregation } from '../processors/aggregation.ts'
import { sessionWindowAggregateProcessor } from '../processors/session-window-aggregate.ts'
import { slidingWindowAggregateProcessor } from '../processors/sliding-window-aggregate.ts'
import { timeWindowAggregateProcessor } from '../processors/time-window-aggregate.ts'
import type { GraphNode } from '../graph/graph-node.ts'
import type { BuildProcessor } from '../processors/processor.ts'
import { storeGetter } from '../processors/table-source.ts'
import type { StoreDefinition } from '../state/store-definition.ts'
import { windowedSerde, windowSizeOf } from '../windows/windowed.ts'
import { type Window, windowName } from '../windows/windows.ts'
import { toldOlds } from '../processors/olds.ts'
import { mergingOptions, optionsOf, stateOptions } from './operator-options.ts'
import { stateName, type StreamParts, type TableParts } from './parts.ts'
import { serdeOf } from './serdes.ts'
import { storeOf } from './table/table-of.ts'
import type { AnyStateOptions } from './types.ts'

/** Counts are written as Kafka Streams writes its Longs. */
const countSerde: Serde<unknown> = int64() as Serde<unknown>

export const count: Aggregation = {
  operator: 'count',
  initial: () => 0,
  adders: [(total) => (total as number) + 1],
  subtract: (total) => (total as number) - 1,
  merge: (left, right) => (left as number) + (right as number),
}

/** Reads the arguments of `reduce(add)`, `reduce(initial, add)` and `aggregate(initial, add)`. */
export function reduction(
  operator: string,
  first: unknown,
  second: unknown,
  options: { merge?: unknown; subtract?: unknown } = {},
): Aggregation {
  const hasInitial = second !== undefined
  const add = hasInitial ? second : first
  if (typeof add !== 'function') throw new InvalidRequestError(`${operator}: give a function that adds a value`)
  const { merge, subtract } = options as { merge?: Adder; subtract?: Adder }
  return {
    operator,
    initial: hasInitial ? initialOf(operator, first) : undefined,
    adders: [add as Adder],
    subtract,
    merge: merge ?? (hasInitial ? undefined : (add as Adder)),
  }
}

export function initialOf(operator: string, initial: unknown): () => unknown {
  if (typeof initial === 'function') return initial as () => unknown
  if (typeof initial === 'object' && initial !== null)
    throw new InvalidRequestError(
      `${operator}: the initial value is an object, which all keys would share; give a function that makes it: ` +
        '() => (…)',
    )
  return () => initial
}

/** Aggregates the inputs into a table. All records of a key are in one task. */
export function aggregated(
  inputs: readonly [StreamParts, ...StreamParts[]],
  aggregation: Aggregation,
  given: AnyStateOptions | undefined,
): TableParts {
  const options = optionsOf(aggregation.operator, stateOptions, given)
  const [parts] = inputs
  const { graph, key, lineage } = parts
  const name = stateName(parts, aggregation.operator, options)
  const value = valueSerdeOf(aggregation, options, parts.value)
  const purpose = `${aggregation.operator} of ${lineage}${keyOf(parts)}`
  const nodes = inputs.map((input) => input.node)
  const build = aggregateProcessor(name, aggregation)
  return aggregatedTable({ graph, key, value }, nodes, { name, purpose, aggregation, build, options })
}

interface KeptAggregation {
  /** The name of the store. */
  readonly name: string
  readonly purpose: string
  readonly aggregation: Aggregation
  readonly build: BuildProcessor
  readonly options: AnyStateOptions | undefined
}

/** The table of an aggregation. Its rows are in a store, where other operators find them. */
export function aggregatedTable(
  { graph, key, value }: Pick<StreamParts, 'graph' | 'key' | 'value'>,
  inputs: readonly GraphNode[],
  { name, purpose, aggregation: { operator }, build, options }: KeptAggregation,
): TableParts {
  const stores = [storeOf({ graph, key, value }, { name, purpose, isCached: options?.cache !== false })]
  const needsCopartitioning = inputs.length > 1
  const node = graph.whole.processor({ operator, name: options?.name, inputs, stores, build, needsCopartitioning })
  const rows = { getter: storeGetter(name), hasOld: true, olds: toldOlds, store: name }
  return { graph, node, key, value, lineage: name, ...rows }
}

/** The same, by key and window. */
export function windowAggregated(
  inputs: readonly [StreamParts, ...StreamParts[]],
  window: Window,
  aggregation: Aggregation,
  given: AnyStateOptions | undefined,
): TableParts {
  // Windows of other kinds never merge, but may get the option.
  const options = optionsOf(
    aggregation.operator,
    aggregation.operator === 'count' ? stateOptions : mergingOptions,
    given,
  )
  const [parts] = inputs
  if (window.type === 'session' && !aggregation.merge)
    throw new InvalidRequestError(
      `${aggregation.operator}: sessions grow together, ` +
        'so give { merge: (left, right) => … } which makes one aggregate of two',
    )
  const { graph, lineage } = parts
  const name = stateName(parts, `${aggregation.operator}-${windowName(window)}`, options)
  const value = valueSerdeOf(aggregation, options, parts.value)
  const purpose = `${aggregation.operator} of ${lineage}${keyOf(parts)} in ${windowName(window)} windows`
  const store: StoreDefinition = storeOf(
    { graph, key: parts.key, value },
    {
      name,
      purpose,
      isCached: options?.cache !== false,
      kind: window.type === 'session' ? 'session' : 'window',
      windowSizeMs: windowSizeOf(window),
      retentionMs: window.retentionMs + (window.type === 'session' ? window.gapMs : windowSizeOf(window)),
    },
  )
  const node = graph.whole.processor({
    operator: aggregation.operator,
    name: options?.name,
    inputs: inputs.map((input) => input.node),
    stores: [store],
    build: windowProcessor(name, window, aggregation),
    needsCopartitioning: inputs.length > 1,
  })
  const key = windowedSerde(parts.key, window) as Serde<unknown>
  const hasOld = window.emit === 'updates' && window.type !== 'session'
  const rows = { getter: undefined, hasOld, olds: toldOlds, store: name, openMs: openMsOf(window) }
  return { graph, node, key, value, lineage: name, ...rows }
}

/**
 * How long after its end a window may still change. The last moment of a sliding or session window belongs to the
 * window, so it is over one millisecond later.
 */
function openMsOf(window: Window): number {
  switch (window.type) {
    case 'unlimited':
      return Infinity
    case 'session':
      return window.graceMs + window.gapMs + 1
    case 'sliding':
      return window.graceMs + 1
    case 'tumbling':
    case 'hopping':
      return window.graceMs
  }
}

function windowProcessor(store: string, window: Window, aggregation: Aggregation): BuildProcessor {
  switch (window.type) {
    case 'session':
      return sessionWindowAggregateProcessor(store, window, aggregation)
    case 'sliding':
      return slidingWindowAggregateProcessor(store, window, aggregation)
    case 'tumbling':
    case 'hopping':
    case 'unlimited':
      return timeWindowAggregateProcessor(store, window, aggregation)
  }
}

/**
 * The serde of the aggregates: the given one; numbers for counts; the type of an initial value; JSON for anything else.
 */
export function valueSerdeOf(
  { operator, initial }: Aggregation,
  options: AnyStateOptions | undefined,
  inherited: Serde<unknown>,
): Serde<unknown> {
  if (options?.value !== undefined) return serdeOf(options.value)
  if (operator === 'count') return countSerde
  return initial ? json() : inherited
}

function keyOf({ keyLabel }: StreamParts): string {
  return keyLabel === undefined ? '' : ` by ${keyLabel}`
}
