import { type Duration, InvalidRequestError, json } from '@kafkado/core'
import { toMilliseconds } from '@kafkado/core/internal'
import type { NodeContext, Punctuation, PunctuationType, RecordContext } from '../../processors/processor.ts'
import type { StoreDefinition } from '../../state/store-definition.ts'
import type { StreamParts } from '../parts.ts'
import { derivedKeySerde, serdeOf } from '../serdes.ts'
import { storeOf } from '../table/table-of.ts'
import type { AnySerdeLike } from '../types.ts'

/** A store of a processor of your own, by key. */
export interface ProcessorStore<K, V> {
  get(key: K): V | undefined
  put(key: K, value: V): void
  delete(key: K): void
  entries(): Iterable<readonly [key: K, value: V]>
}

/** What code of your own may do and know, whichever operator runs it. */
export interface OperatorContext {
  /** One of the stores that it was given in its options. */
  store<SK = string, SV = unknown>(name: string): ProcessorStore<SK, SV>
  /** Calls back every so often: in stream time, at multiples of the interval; or by the clock. Kafka: ProcessorContext.schedule. */
  schedule(interval: Duration, type: PunctuationType, act: (time: number) => void): Punctuation
  /** The record in hand. */
  readonly record: RecordContext
  /** The greatest timestamp that the task has processed. */
  readonly streamTime: number
  readonly partition: number
}

export interface StoresOptions {
  /** The stores that it uses, by name, with how keys and values are written. Default text or JSON for keys, and JSON for values. */
  stores?: Record<string, { key?: AnySerdeLike; value?: AnySerdeLike }> | undefined
}

/** The stores that an operator of a user asks for. */
export function ownStores(
  { graph, lineage }: Pick<StreamParts, 'graph' | 'lineage'>,
  { stores = {} }: StoresOptions,
): StoreDefinition[] {
  return Object.entries(stores).map(([name, { key, value }]) => {
    const serdes = {
      key: key === undefined ? derivedKeySerde : serdeOf(key),
      value: value === undefined ? json() : serdeOf(value),
    }
    return storeOf({ graph, ...serdes }, { name, purpose: `the store '${name}' of a processor of ${lineage}` })
  })
}

/** What a task offers to code of a user. */
export function operatorContext(
  context: NodeContext,
  { operator, name, stores }: { operator: string; name: string; stores: readonly StoreDefinition[] },
): OperatorContext {
  const stored = (wanted: string): ProcessorStore<unknown, unknown> => {
    if (!stores.some((store) => store.name === wanted))
      throw new InvalidRequestError(`${operator}: there is no store '${wanted}'; name it in { stores }`)
    const store = context.keyValueStore(wanted)
    const now = (): number => Math.max(context.current.timestamp, 0)
    return {
      get: (key) => store.get(key),
      put: (key, value) => store.put(key, value, now()),
      delete: (key) => store.delete(key, now()),
      *entries() {
        for (const { key, value } of store.entries()) yield [key, value]
      },
    }
  }
  return {
    store: stored as OperatorContext['store'],
    schedule: (interval, type, act) =>
      context.schedule(type, toMilliseconds(interval, 'interval'), (time) => {
        context.operator = name
        act(time)
      }),
    record: context.current,
    get streamTime() {
      return context.streamTime
    },
    partition: context.partition,
  }
}
