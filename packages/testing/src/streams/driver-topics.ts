import type { TopicDefinition } from '@kafkado/core'
import type { InternalNames, Topology } from '@kafkado/streams/internal'

/** The topics that a topology reads, for messages. */
export function topicsReadBy({ subtopologies, globals }: Topology, names: InternalNames): string[] {
  const sources = subtopologies.flatMap((part) => part.sources)
  const topics = [...sources.map((source) => names.topicOf(source)), ...globals.map(({ name }) => name)]
  return [...new Set(topics)].map((topic) => `'${topic}'`)
}

/** How a topology reads a topic; undefined where it does not. */
export function definitionIn(
  { subtopologies, globals }: Topology,
  names: InternalNames,
  name: string,
): TopicDefinition<unknown, unknown> | undefined {
  const global = globals.find(({ topic }) => topic.name === name)
  if (global) return global.topic
  for (const { sources } of subtopologies) {
    for (const source of sources) {
      if (names.topicOf(source) !== name) continue
      return source.kind === 'source' ? source.topic : { name, key: source.keySerde, value: source.valueSerde }
    }
  }
  return undefined
}
