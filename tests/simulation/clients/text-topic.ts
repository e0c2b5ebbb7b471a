import { defineTopic, type TopicDefinition } from '@kafkado/core'

/** A topic whose values are text, as all of them are here. */
export function textTopic(name: string): TopicDefinition<string> {
  return defineTopic(name, { value: 'string' })
}
