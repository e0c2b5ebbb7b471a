import { InvalidRequestError } from '../errors/kafka-error.ts'
import { isObject } from '../config/config-fields.ts'
import {
  defineTopic,
  type SerdeLike,
  type TopicDefinition,
  topicDefinitionOf,
  type TopicLike,
} from './topic-definition.ts'

/** All topics with matching names, including later ones. Made by {@link topicsMatching} or {@link topicsWithPrefix}. */
export interface TopicPattern<V, K = string> {
  readonly pattern: RegExp
  /** The definition of a topic with this name. */
  define(topic: string): TopicDefinition<V, K>
}

/** The topics of a consumer: names, definitions, and patterns of names. A bare RegExp reads JSON. */
export type TopicSelection<V, K = string> = TopicLike<V, K> | RegExp | TopicPattern<V, K>

/**
 * Selects the topics whose names match an expression. In a group the server matches by RE2, which has no look-around
 * and no back-references (Kafka: SubscriptionPattern, KIP-848).
 *
 * @param types the types of all these topics, as for {@link defineTopic}
 */
// oxlint-disable-next-line typescript/no-explicit-any -- unknown would refuse each serde, which is contravariant
export function topicsMatching<Value extends SerdeLike<any> = 'json', Key extends SerdeLike<any> = 'string'>(
  pattern: RegExp,
  types: { value?: Value; key?: Key } = {},
): TopicPattern<ValueOf<Value, Key>, KeyOf<Value, Key>> {
  return { pattern, define: (topic) => defineTopic<Value, Key>(topic, types) }
}

/** Selects the topics whose names begin with this string. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export function topicsWithPrefix<Value extends SerdeLike<any> = 'json', Key extends SerdeLike<any> = 'string'>(
  prefix: string,
  types: { value?: Value; key?: Key } = {},
): TopicPattern<ValueOf<Value, Key>, KeyOf<Value, Key>> {
  if (!/^[A-Za-z0-9._-]+$/.test(prefix))
    throw new InvalidRequestError(
      `${JSON.stringify(prefix)} begins no topic name: use the characters A-Z a-z 0-9 . _ - that names are made of`,
    )
  return topicsMatching(new RegExp(`^${prefix.replaceAll('.', String.raw`\.`)}`), types)
}

// oxlint-disable-next-line typescript/no-explicit-any -- as above
type ValueOf<Value extends SerdeLike<any>, Key extends SerdeLike<any>> =
  ReturnType<typeof defineTopic<Value, Key>> extends TopicDefinition<infer V, infer _> ? V : never
// oxlint-disable-next-line typescript/no-explicit-any -- as above
type KeyOf<Value extends SerdeLike<any>, Key extends SerdeLike<any>> =
  ReturnType<typeof defineTopic<Value, Key>> extends TopicDefinition<infer _, infer K> ? K : never

/** Whether the selection is a pattern. */
export function isPattern<V, K>(selection: TopicSelection<V, K>): selection is RegExp | TopicPattern<V, K> {
  return selection instanceof RegExp || (isObject(selection) && 'pattern' in selection)
}

/** A pattern with the types of its topics. A bare RegExp reads JSON. */
export function patternOf<V, K>(selection: RegExp | TopicPattern<V, K>): TopicPattern<V, K> {
  return selection instanceof RegExp ? { pattern: selection, define: (topic) => topicDefinitionOf(topic) } : selection
}

/** Whether a topic's name matches. */
export function isMatch(pattern: RegExp, topic: string): boolean {
  // `search` ignores the lastIndex of an expression with the flag g or y.
  return topic.search(pattern) >= 0
}
