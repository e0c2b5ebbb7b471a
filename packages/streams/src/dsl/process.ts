import { type Duration, InvalidRequestError, json } from '@kafkado/core'
import { toMilliseconds } from '@kafkado/core/internal'
import {
  type BuildProcessor,
  enter,
  type Punctuation,
  type PunctuationType,
  type RecordContext,
} from '../processors/processor.ts'
import type { StoreDefinition } from '../state/store-definition.ts'
import type { StreamParts } from './parts.ts'
import { derivedKeySerde, serdeOf } from './serdes.ts'
import { storeOf } from './table-of.ts'
import type { AnySerdeLike } from './types.ts'

/** A store of a processor of your own, by key. */
export interface ProcessorStore<K, V> {
  get(key: K): V | undefined
  put(key: K, value: V): void
  delete(key: K): void
  entries(): Iterable<readonly [key: K, value: V]>
}

/** What a processor of your own may do. */
export interface ProcessorContext<K, V> {
  /** Hands a record on. @param timestamp default that of the record in hand, which behind a join or an aggregation is that of its result */
  forward(key: K, value: V, timestamp?: number): void
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

/** Made once for each task; returns what is called for each record. */
export type Processor<K, V, K2, V2> = (context: ProcessorContext<K2, V2>) => (value: V, key: K) => void

export interface ProcessOptions {
  /** The stores that it uses, by name, with how keys and values are written. */
  stores?: Record<string, { key?: AnySerdeLike; value?: AnySerdeLike }> | undefined
  /** How the values are written that it hands on. Default JSON. */
  value?: AnySerdeLike | undefined
  /** How the keys are written that it hands on. Default text, or JSON in internal topics. */
  key?: AnySerdeLike | undefined
}

export function processStream(
  parts: StreamParts,
  make: Processor<unknown, unknown, unknown, unknown>,
  options: ProcessOptions,
): StreamParts {
  const { graph, node, lineage } = parts
  const stores = Object.entries(options.stores ?? {}).map(([name, { key, value }]): StoreDefinition => {
    const serdes = {
      key: key === undefined ? derivedKeySerde : serdeOf(key),
      value: value === undefined ? json() : serdeOf(value),
    }
    return storeOf({ graph, ...serdes }, { name, purpose: `the store '${name}' of a processor of ${lineage}` })
  })
  const names = new Set(stores.map(({ name }) => name))
  const build: BuildProcessor = (context, forward, _late, name) => {
    const stored = (name: string): ProcessorStore<unknown, unknown> => {
      if (!names.has(name)) throw new InvalidRequestError(`process: there is no store '${name}'; name it in { stores }`)
      const store = context.keyValueStore(name)
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
    const process = make({
      forward: (key, value, timestamp) => {
        const inHand = context.current.timestamp
        forward(key, value, timestamp ?? inHand)
        enter(context, name, inHand)
      },
      store: stored as ProcessorContext<unknown, unknown>['store'],
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
    })
    return [
      (key, value, timestamp) => {
        enter(context, name, timestamp)
        process(value, key)
      },
    ]
  }
  const made = graph.whole.processor({ operator: 'process', inputs: [node], stores, build })
  const key = options.key === undefined ? derivedKeySerde : serdeOf(options.key)
  return {
    ...parts,
    node: made,
    key,
    value: options.value === undefined ? json() : serdeOf(options.value),
    isRekeyed: true,
  }
}
