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

/** The context of a processor of your own. Kafka: ProcessorContext. */
export interface ProcessorContext<K, V> extends OperatorContext {
  /**
   * Forwards a record. Kafka: ProcessorContext.forward.
   *
   * @param options its headers, and the operator to get it; or only its timestamp. Default: the timestamp of the
   *   current record
   * @throws InvalidRequestError when no following operator has the name in `to`, or the processor was closed
   */
  forward(key: K, value: V, options?: number | ForwardOptions): void
}

/**
 * Called with each record. Its maker may return an object with `close` instead, which is called when the task ends or
 * moves to another member.
 */
export type ProcessFunction<K, V> = (value: V, key: K) => void

/** A processor that needs closing. Kafka: Processor. */
export interface ClosableProcessor<K, V> {
  process(value: V, key: K): void
  /**
   * Called once when the task ends here, after its last commit: at `close()`, when the partition moves to another
   * member, and when the task failed. It can no longer forward or store anything. It is not called when the process
   * dies. Kafka: Processor.close.
   */
  close?(): void
}

/** Called once for each task. Returns a function that is called with each record. Kafka: ProcessorSupplier. */
export type Processor<K, V, K2, V2> = (
  context: ProcessorContext<K2, V2>,
) => ProcessFunction<K, V> | ClosableProcessor<K, V>

/** The context of a processor of your own that keeps the keys. Kafka: FixedKeyProcessorContext. */
export interface FixedKeyProcessorContext<V> extends OperatorContext {
  /**
   * Forwards a value with the key of the current record. Kafka: FixedKeyProcessorContext.forward.
   *
   * @param options its headers, and the operator to get it; or only its timestamp. Default: the timestamp of the
   *   current record
   * @throws InvalidRequestError in a callback of `schedule`, which has no current record; otherwise as {@link
   *   ProcessorContext.forward}
   */
  forward(value: V, options?: number | ForwardOptions): void
}

/** Called once for each task. Returns a function that is called with each record. Kafka: FixedKeyProcessor. */
export type FixedKeyProcessor<K, V, V2> = (
  context: FixedKeyProcessorContext<V2>,
) => ProcessFunction<K, V> | ClosableProcessor<K, V>

export interface ProcessValuesOptions extends StoresOptions, Named {
  /**
   * The serde of the values it forwards. Default JSON. Set it for values that JSON cannot represent, such as a Date or
   * a bigint.
   */
  value?: AnySerdeLike | undefined
}

export interface ProcessOptions extends ProcessValuesOptions {
  /**
   * The serde of the keys it forwards. Default: strings as they are, and JSON for other keys in internal topics. Set it
   * when another reader of the keys expects a certain form.
   */
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

/** The same, but keeps the keys, so that the records stay in the partition of their key. */
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
              'processValues: there is no record in hand whose key a value could have; ' +
                'use process() to hand records on in a callback of schedule()',
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
