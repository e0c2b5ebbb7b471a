import { isObject } from '../config/config-fields.ts'
import { type TopicDefinition, topicDefinitionOf, type TopicLike } from './topic-definition.ts'

/** All topics whose names match; the consumer's TopicPattern. */
interface Pattern<V, K> {
  readonly pattern: RegExp
  define(topic: string): TopicDefinition<V, K>
}

/** Whether a pattern, and not one topic, is selected. */
export function isPattern<V, K>(
  selection: TopicLike<V, K> | RegExp | Pattern<V, K>,
): selection is RegExp | Pattern<V, K> {
  return selection instanceof RegExp || (isObject(selection) && 'pattern' in selection)
}

/** A pattern with the types of its topics. A bare expression reads JSON. */
export function patternOf<V, K>(selection: RegExp | Pattern<V, K>): Pattern<V, K> {
  return selection instanceof RegExp ? { pattern: selection, define: (topic) => topicDefinitionOf(topic) } : selection
}

export function isMatch(pattern: RegExp, topic: string): boolean {
  // `search` takes no notice of a position that an expression with the flag g or y has kept.
  return topic.search(pattern) >= 0
}
