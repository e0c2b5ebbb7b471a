import type { TopicSelection } from '@kafkado/consumer'
import { isPattern, patternOf } from '@kafkado/consumer/internal'
import { InvalidRequestError, type TopicLike } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { AnyTopic } from '../../graph/graph-node.ts'
import { patternLineage, patternText } from '../../graph/topic-patterns.ts'

interface SelectedSource {
  readonly topic: AnyTopic
  readonly pattern: RegExp | undefined
  /** What the names of state begin with that is made of it. */
  readonly lineage: string
}

/** What is read of a topic, or of all that a pattern matches: those are read alike. */
export function selectedSource<V, K>(selection: TopicSelection<V, K>): SelectedSource {
  if (!isPattern(selection)) {
    const topic = topicDefinitionOf(selection) as AnyTopic
    return { topic, pattern: undefined, lineage: topic.name }
  }
  const { pattern, define } = patternOf(selection)
  const { key, value } = define('topic') as AnyTopic
  return { topic: { name: patternText(pattern), key, value }, pattern, lineage: patternLineage(pattern) }
}

/** @throws InvalidRequestError when it is a pattern, or no topic */
export function oneTopic<V, K>(operator: string, topic: TopicLike<V, K>): AnyTopic {
  if (!isPattern<V, K>(topic)) return topicDefinitionOf(topic) as AnyTopic
  throw new InvalidRequestError(
    `${operator}: a table is made of one topic, as rows of one key could be in several that match; use stream(${patternText(patternOf(topic).pattern)}).toTable()`,
  )
}
