import { json } from '@kafkado/core'
import { anyField, type ConfigFields } from '@kafkado/core/internal'
import { unknownOlds } from '../../processors/olds.ts'
import { type BuildProcessor, enter, requireAnswer } from '../../processors/processor.ts'
import { type OperatorContext, operatorContext } from '../processor-api/operator-context.ts'
import { opened } from '../processor-api/opened.ts'
import { askedStores, type StoresOptions } from '../processor-api/store-options.ts'
import { optionsOf, stateOptions } from '../operator-options.ts'
import type { TableParts } from '../parts.ts'
import { serdeOf } from '../serdes.ts'
import { asKept, tableOf } from './table-of.ts'
import type { AnyStateOptions, StateOptions } from '../types.ts'

/**
 * Called once for each task. Returns a function that computes the value of a row. The function gets null for a removed
 * row; when it returns null, the result has no such row. Kafka: ValueTransformerWithKey.
 */
export type ValueTransformer<K, V, R> = (
  context: OperatorContext,
) => ValueTransform<K, V, R> | ClosableTransform<K, V, R>

export type ValueTransform<K, V, R> = (value: V | null, key: K) => R | null

export interface ClosableTransform<K, V, R> {
  transform: ValueTransform<K, V, R>
  /** Called once when the task ends here, after its last commit. Kafka: ValueTransformerWithKey.close. */
  close?(): void
}

/** With a name, a store of that name keeps the results, for queries. Kafka: Materialized.as. */
export interface TransformValuesOptions<R> extends StateOptions<R>, StoresOptions {}

const transformOptions: ConfigFields<StoresOptions & AnyStateOptions> = { ...stateOptions, stores: anyField() }

export type AnyValueTransformer = ValueTransformer<unknown, unknown, unknown>

export function transformTable(
  given: TableParts,
  make: AnyValueTransformer,
  givenOptions: StoresOptions & AnyStateOptions,
): TableParts {
  const options = optionsOf('transformValues', transformOptions, givenOptions)
  const table = asKept(given)
  const { graph, lineage } = table
  const stores = askedStores(table, options)
  const build: BuildProcessor = (context, forward, _late, name) => {
    const offered = operatorContext(context, { operator: 'transformValues', name, stores })
    const transform = opened(context, name, make(offered), 'transform')
    return [
      (key, value, timestamp) => {
        enter(context, name, timestamp)
        forward(key, requireAnswer(transform(value, key), 'transformValues') ?? null, timestamp)
      },
    ]
  }
  const node = graph.whole.processor({
    operator: 'transformValues',
    inputs: [table.node],
    stores: stores.own,
    globals: stores.globals,
    build,
  })
  const value = options.value === undefined ? json() : serdeOf(options.value)
  // A former value cannot be computed again: the function may have changed its own state since. Operators that need
  // former values keep the results.
  const made = { ...table, node, value, getter: undefined, hasOld: false, olds: unknownOlds, store: undefined }
  const { name } = options
  if (name === undefined) return made
  const isCached = options.cache !== false
  const purpose = `what transformValues made of the rows of ${lineage}`
  return tableOf({ ...made, keyLabel: undefined, isRekeyed: false }, 'materialize', {
    name,
    hasName: true,
    purpose,
    isCached,
  })
}
