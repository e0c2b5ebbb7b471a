import { InvalidRequestError, json } from '@kafkado/core'
import { anyField, type ConfigFields } from '@kafkado/core/internal'
import { type BuildProcessor, enter, requireAnswer } from '../../processors/processor.ts'
import type { StreamParts } from '../parts.ts'
import { optionsOf, valueOptions } from '../operator-options.ts'
import { derivedKeySerde, serdeOf } from '../serdes.ts'
import type { AnySerdeLike, Named } from '../types.ts'
import { Forwarding, type ForwardOptions } from './forwarding.ts'
import { opened } from './opened.ts'
import { type OperatorContext, operatorContext } from './operator-context.ts'
import { askedStores, type StoresOptions } from './store-options.ts'

/** What a processor of your own may do. Kafka: ProcessorContext. */
export interface ProcessorContext<K, V> extends OperatorContext {
  /**
   * Hands a record on.
   *
   * @param options its headers, and who is given it; or only its timestamp, which is by default that of the record in
   *   hand
   * @throws InvalidRequestError when no operator that follows has the name in `to`, or the processor was closed
   */
  forward(key: K, value: V, options?: number | ForwardOptions): void
}

/** What is called for each record; with `close`, what is called when the task ends or goes to another member. */
export type ProcessFunction<K, V> = (value: V, key: K) => void

/** A processor that has something to close. Kafka: Processor. */
export interface ClosableProcessor<K, V> {
  process(value: V, key: K): void
  /**
   * Called once when the task ends here, after its last commit: at `close()`, and when the partition goes to another
   * member or the task failed. Nothing can be handed on or stored any more. It is not called when the process dies.
   * Kafka: Processor.close.
   */
  close?(): void
}

/** Made once for each task; returns what is called for each record. Kafka: ProcessorSupplier. */
export type Processor<K, V, K2, V2> = (
  context: ProcessorContext<K2, V2>,
) => ProcessFunction<K, V> | ClosableProcessor<K, V>

/** What a processor of your own may do that leaves keys as they are. Kafka: FixedKeyProcessorContext. */
export interface FixedKeyProcessorContext<V> extends OperatorContext {
  /**
   * Hands a value on, with the key of the record in hand.
   *
   * @param options its headers, and who is given it; or only its timestamp, which is by default that of the record in
   *   hand
   * @throws InvalidRequestError in a callback of `schedule`, where no record is in hand; and as {@link
   *   ProcessorContext.forward}
   */
  forward(value: V, options?: number | ForwardOptions): void
}

/** Made once for each task; returns what is called for each record. Kafka: FixedKeyProcessor. */
export type FixedKeyProcessor<K, V, V2> = (
  context: FixedKeyProcessorContext<V2>,
) => ProcessFunction<K, V> | ClosableProcessor<K, V>

export interface ProcessValuesOptions extends StoresOptions, Named {
  /** How the values are written that it hands on. Default JSON. */
  value?: AnySerdeLike | undefined
}

export interface ProcessOptions extends ProcessValuesOptions {
  /** How the keys are written that it hands on. Default text, or JSON in internal topics. */
  key?: AnySerdeLike | undefined
}

const processValuesOptions: ConfigFields<ProcessValuesOptions> = { ...valueOptions, stores: anyField() }
export const processOptions: ConfigFields<ProcessOptions> = { ...processValuesOptions, key: anyField() }

export type AnyProcessor = Processor<unknown, unknown, unknown, unknown>
export type AnyFixedKeyProcessor = FixedKeyProcessor<unknown, unknown, unknown>

export function processStream(
  parts: StreamParts,
  make: AnyProcessor,
  options: ProcessOptions,
  inputs: readonly StreamParts['node'][] = [parts.node],
): StreamParts {
  const operator = 'process'
  const stores = askedStores(parts, optionsOf(operator, processOptions, options))
  const build: BuildProcessor = (context, toAll, _late, name, childOf) => {
    const forwarding = new Forwarding(context, name, toAll, childOf)
    const offered: ProcessorContext<unknown, unknown> = Object.assign(
      operatorContext(context, { operator, name, stores }),
      {
        forward: forwarding.forward.bind(forwarding),
      },
    )
    const process = opened(context, name, make(offered), 'process', () => forwarding.close())
    return inputs.map(() => (key, value, timestamp) => {
      enter(context, name, timestamp)
      requireAnswer(process(value, key), operator)
    })
  }
  const { own, globals } = stores
  const node = parts.graph.whole.processor({ operator, name: options.name, inputs, stores: own, globals, build })
  const key = options.key === undefined ? derivedKeySerde : serdeOf(options.key)
  return { ...parts, node, key, value: valueSerdeOf(options), isRekeyed: true }
}

/** The same with the keys as they are, so that the records stay where those of their key are. */
export function processStreamValues(
  parts: StreamParts,
  make: AnyFixedKeyProcessor,
  options: ProcessValuesOptions,
): StreamParts {
  const operator = 'processValues'
  const stores = askedStores(parts, optionsOf(operator, processValuesOptions, options))
  const build: BuildProcessor = (context, toAll, _late, name, childOf) => {
    const forwarding = new Forwarding(context, name, toAll, childOf)
    let isInHand = false
    let keyInHand: unknown
    const offered: FixedKeyProcessorContext<unknown> = Object.assign(
      operatorContext(context, { operator, name, stores }),
      {
        forward(value: unknown, given?: number | ForwardOptions) {
          if (!isInHand)
            throw new InvalidRequestError(
              'processValues: there is no record in hand whose key a value could have; use process() to hand ' +
                'records on in a callback of schedule()',
            )
          forwarding.forward(keyInHand, value, given)
        },
      },
    )
    const process = opened(context, name, make(offered), 'process', () => forwarding.close())
    return [
      (key, value, timestamp) => {
        enter(context, name, timestamp)
        isInHand = true
        keyInHand = key
        try {
          requireAnswer(process(value, key), operator)
        } finally {
          isInHand = false
        }
      },
    ]
  }
  const { own, globals } = stores
  const node = parts.graph.whole.processor({
    operator,
    name: options.name,
    inputs: [parts.node],
    stores: own,
    globals,
    build,
  })
  return { ...parts, node, value: valueSerdeOf(options) }
}

function valueSerdeOf({ value }: ProcessValuesOptions): StreamParts['value'] {
  return value === undefined ? json() : serdeOf(value)
}
