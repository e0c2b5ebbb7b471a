import { defineTopic, type Serde, type TopicDefinition } from '@kafkado/core'
import { isPoison } from '../history/poison.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const text: Serde<string> = {
  serialize: (value) => encoder.encode(value),
  deserialize(bytes) {
    const value = decoder.decode(bytes)
    if (isPoison(value)) throw new Error('poison')
    return value
  },
}

/** A topic of text for readers that cannot decode poison. */
export function topicWithPoison(name: string): TopicDefinition<string> {
  return defineTopic(name, { value: text })
}
