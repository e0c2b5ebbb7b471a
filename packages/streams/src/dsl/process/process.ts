import { InvalidRequestError, json } from '@kafkado/core'
import { type BuildProcessor, enter, requireAnswer } from '../../processors/processor.ts'
import { type OperatorContext, operatorContext, ownStores, type StoresOptions } from './operator-context.ts'
import type { StreamParts } from '../parts.ts'
import { derivedKeySerde, serdeOf } from '../serdes.ts'
import type { AnySerdeLike, Named } from '../types.ts'

/** What a processor of your own may do. */
export interface ProcessorContext<K, V> extends OperatorContext {
  /** Hands a record on. @param timestamp default that of the record in hand, which behind a join or an aggregation is that of its result */
  forward(key: K, value: V, timestamp?: number): void
}

/** Made once for each task; returns what is called for each record. */
export type Processor<K, V, K2, V2> = (context: ProcessorContext<K2, V2>) => (value: V, key: K) => void

/** What a processor of your own may do that leaves keys as they are. Kafka: FixedKeyProcessorContext. */
export interface FixedKeyProcessorContext<V> extends OperatorContext {
  /**
   * Hands a value on, with the key of the record in hand.
   *
   * @param timestamp default that of the record in hand
   * @throws InvalidRequestError in a callback of `schedule`, where no record is in hand
   */
  forward(value: V, timestamp?: number): void
}

/** Made once for each task; returns what is called for each record. Kafka: FixedKeyProcessor. */
export type FixedKeyProcessor<K, V, V2> = (context: FixedKeyProcessorContext<V2>) => (value: V, key: K) => void

export interface ProcessValuesOptions extends StoresOptions, Named {
  /** How the values are written that it hands on. Default JSON. */
  value?: AnySerdeLike | undefined
}

export interface ProcessOptions extends ProcessValuesOptions {
  /** How the keys are written that it hands on. Default text, or JSON in internal topics. */
  key?: AnySerdeLike | undefined
}

export function processStream(
  parts: StreamParts,
  make: Processor<unknown, unknown, unknown, unknown>,
  options: ProcessOptions,
): StreamParts {
  const stores = ownStores(parts, options)
  const build: BuildProcessor = (context, forward, _late, name) => {
    const offered = operatorContext(context, { operator: 'process', name, stores })
    const process = make(
      Object.assign(offered, {
        forward(key: unknown, value: unknown, timestamp?: number) {
          const inHand = context.current.timestamp
          forward(key, value, timestamp ?? inHand)
          enter(context, name, inHand)
        },
      }),
    )
    return [
      (key, value, timestamp) => {
        enter(context, name, timestamp)
        requireAnswer(process(value, key), 'process')
      },
    ]
  }
  const node = parts.graph.whole.processor({
    operator: 'process',
    name: options.name,
    inputs: [parts.node],
    stores,
    build,
  })
  const key = options.key === undefined ? derivedKeySerde : serdeOf(options.key)
  return { ...parts, node, key, value: valueSerdeOf(options), isRekeyed: true }
}

/** The same with the keys as they are, so that the records stay where those of their key are. */
export function processStreamValues(
  parts: StreamParts,
  make: FixedKeyProcessor<unknown, unknown, unknown>,
  options: ProcessValuesOptions,
): StreamParts {
  const stores = ownStores(parts, options)
  const build: BuildProcessor = (context, forward, _late, name) => {
    const offered = operatorContext(context, { operator: 'processValues', name, stores })
    let isInHand = false
    let keyInHand: unknown
    const process = make(
      Object.assign(offered, {
        forward(value: unknown, timestamp?: number) {
          if (!isInHand)
            throw new InvalidRequestError(
              'processValues: there is no record in hand whose key a value could have; use process() to hand records on in a callback of schedule()',
            )
          const inHand = context.current.timestamp
          forward(keyInHand, value, timestamp ?? inHand)
          enter(context, name, inHand)
        },
      }),
    )
    return [
      (key, value, timestamp) => {
        enter(context, name, timestamp)
        isInHand = true
        keyInHand = key
        try {
          requireAnswer(process(value, key), 'processValues')
        } finally {
          isInHand = false
        }
      },
    ]
  }
  const { name } = options
  const node = parts.graph.whole.processor({
    operator: 'processValues',
    name,
    inputs: [parts.node],
    stores,
    build,
  })
  return { ...parts, node, value: valueSerdeOf(options) }
}

function valueSerdeOf({ value }: ProcessValuesOptions): StreamParts['value'] {
  return value === undefined ? json() : serdeOf(value)
}
