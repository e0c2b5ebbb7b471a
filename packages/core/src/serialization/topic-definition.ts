import { isObject } from '../config/config-fields.ts'
import { showValue } from '../config/show-value.ts'
import { InvalidRequestError } from '../errors/kafka-error.ts'
import { isStandardSchema, schema, type StandardSchema } from './schema-serde.ts'
import type { ReadSerde, Serde } from './serde.ts'
import { bytes, defaultKeySerde, float64, int64, json, readJson, readString, string } from './serdes.ts'

/** A topic with the types of its records: made by {@link defineTopic}. */
export interface TopicDefinition<V, K = string> {
  readonly name: string
  readonly key: Serde<K>
  readonly value: Serde<V>
}

/** What a reader needs of a topic. */
export interface ReadTopic<V, K> {
  readonly name: string
  readonly key: ReadSerde<K>
  readonly value: ReadSerde<V>
}

/** A topic name, with JSON values; or a topic with its own types. */
export type TopicLike<V, K = string> = string | TopicDefinition<V, K>

const namedSerdes = { string, bytes, int64, float64, json }

type NamedSerde = keyof typeof namedSerdes
/** Describes a key or a value. */
export type SerdeLike<T = unknown> = NamedSerde | Serde<T> | StandardSchema<T>

type TypeOf<S> = S extends 'string'
  ? string
  : S extends 'bytes'
    ? Uint8Array
    : S extends 'int64' | 'float64'
      ? number
      : S extends 'json'
        ? unknown
        : S extends StandardSchema<infer T>
          ? T
          : S extends Serde<infer T>
            ? T
            : never

/**
 * Gives a topic its types, for the compiler and at run time.
 *
 * @param name the topic: letters, digits, dot, underscore and hyphen, at most 249
 * @param types `value`: any Standard Schema validator, a serde, or the name of one (default `'json'`); `key`: likewise
 *   (default `'string'`)
 * @throws InvalidRequestError when the name is not a valid topic name
 */
// oxlint-disable-next-line typescript/no-explicit-any -- unknown would refuse each serde, which is contravariant
export function defineTopic<Value extends SerdeLike<any> = 'json', Key extends SerdeLike<any> = 'string'>(
  name: string,
  types: { value?: Value; key?: Key } = {},
): TopicDefinition<TypeOf<Value>, TypeOf<Key>> {
  requireTopicName(name)
  return {
    name,
    key: (types.key === undefined ? defaultKeySerde : serdeOf(types.key)) as Serde<TypeOf<Key>>,
    value: serdeOf(types.value === undefined ? 'json' : types.value) as Serde<TypeOf<Value>>,
  }
}

/**
 * The definition of a TopicLike. A bare name does not load the other serdes into a page.
 *
 * @throws InvalidRequestError when it is neither a valid name nor a definition
 */
export function topicDefinitionOf<V, K = string>(topic: TopicLike<V, K>): TopicDefinition<V, K> {
  if (isDefinition(topic)) return topic
  return { name: topic, key: defaultKeySerde as unknown as Serde<K>, value: json<V>() }
}

/**
 * The same for whoever only reads the topic: it leaves the checks of writing out of a page.
 *
 * @throws InvalidRequestError when it is neither a valid name nor a definition
 */
export function readTopicOf<V, K = string>(topic: TopicLike<V, K>): ReadTopic<V, K> {
  if (isDefinition(topic)) return topic
  return { name: topic, key: readString as ReadSerde<unknown> as ReadSerde<K>, value: readJson as ReadSerde<V> }
}

/** @throws InvalidRequestError when it is neither a valid name nor a definition */
function isDefinition<V, K>(topic: TopicLike<V, K>): topic is TopicDefinition<V, K> {
  if (typeof topic === 'object' && topic !== null) {
    requireTopicName(topic.name)
    if (isObject(topic.key) && isObject(topic.value)) return true
    throw new InvalidRequestError(`topic '${topic.name}': its key and value need serdes; make it by defineTopic()`)
  }
  requireTopicName(topic)
  return false
}

/** @throws InvalidRequestError that tells what is wrong with the topic name */
export function requireTopicName(name: unknown): asserts name is string {
  if (typeof name === 'string' && /^[A-Za-z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..') return
  throw new InvalidRequestError(
    `${showValue(name)} is not a valid topic name: use 1 to 249 of A-Z a-z 0-9 . _ - and neither '.' nor '..'`,
    { kafkaName: 'INVALID_TOPIC_EXCEPTION' },
  )
}

function serdeOf(like: SerdeLike): Serde<unknown> {
  if (typeof like === 'string' && Object.hasOwn(namedSerdes, like)) return namedSerdes[like]() as Serde<unknown>
  if (isStandardSchema(like)) return schema(like)
  if (isObject(like) && 'serialize' in like && 'deserialize' in like) return like as Serde<unknown>
  const names = Object.keys(namedSerdes).map((name) => `'${name}'`)
  throw new InvalidRequestError(
    `a key or value is described by ${names.join(', ')}, a Standard Schema validator, ` +
      `or a serde with serialize and deserialize, got ${showValue(like)}`,
  )
}
