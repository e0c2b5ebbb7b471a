import type { TopicSelection } from '@kafkado/consumer'
import { isPattern, patternOf, topicDefinitionOf } from '@kafkado/core/internal'
import { InvalidRequestError, json, type TopicLike } from '@kafkado/core'
import type { AnyTopic } from '../../graph/graph-node.ts'
import { patternLineage, patternText } from '../../graph/topic-patterns.ts'

const defaultValues = /* @__PURE__ */ json()

interface SelectedSource {
  readonly topic: AnyTopic
  readonly pattern: RegExp | undefined
  /** The beginning of the names of its state. */
  readonly lineage: string
}

/** A source for a topic, or for all topics that match a pattern; they all use the same serdes. */
export function selectedSource<V, K>(selection: TopicSelection<V, K>): SelectedSource {
  if (!isPattern(selection)) {
    const topic = alike(selection, topicDefinitionOf(selection) as AnyTopic)
    return { topic, pattern: undefined, lineage: topic.name }
  }
  const selected = patternOf(selection)
  const { pattern } = selected
  const { key, value } = alike(selection, selected.define('topic') as AnyTopic)
  return { topic: { name: patternText(pattern), key, value }, pattern, lineage: patternLineage(pattern) }
}

/** Everything given without serdes shares the same ones, so that a topic read twice is read alike. */
function alike(selection: unknown, topic: AnyTopic): AnyTopic {
  return typeof selection === 'string' || selection instanceof RegExp ? { ...topic, value: defaultValues } : topic
}

/** @throws InvalidRequestError when it is a pattern, or not a topic */
export function oneTopic<V, K>(operator: string, topic: TopicLike<V, K>): AnyTopic {
  if (!isPattern<V, K>(topic)) return topicDefinitionOf(topic) as AnyTopic
  throw new InvalidRequestError(
    `${operator}: a table is made of one topic, as rows of one key could be in several that match; ` +
      `use stream(${patternText(patternOf(topic).pattern)}).toTable()`,
  )
}
