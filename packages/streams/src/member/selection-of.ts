import type { TopicSelection } from '@kafkado/consumer'
import { defineTopic } from '@kafkado/core'
import type { RepartitionNode, SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'

type Selection = TopicSelection<unknown, unknown>

/** The topics to read, with their serdes. An internal topic does not exist yet while its pattern matches nothing. */
export function selectionOf(
  { subtopologies }: Topology,
  names: InternalNames,
  counts: ReadonlyMap<string, number>,
): readonly Selection[] {
  const selections = new Map<string, Selection>()
  for (const part of subtopologies) {
    const tasks = names.tasks(part)
    if (tasks !== undefined) selections.set(tasks, defineTopic(tasks, { key: 'bytes', value: 'bytes' }) as Selection)
    for (const source of part.sources) {
      const name = names.topicOf(source)
      if (counts.get(name) !== 0) selections.set(name, selectedBy(source, name))
    }
  }
  return [...selections.values()]
}

function selectedBy(source: SourceNode | RepartitionNode, name: string): Selection {
  if (source.kind === 'repartition') return { name, key: source.keySerde, value: source.valueSerde }
  const { topic, pattern } = source
  return pattern ? { pattern, define: (matched) => ({ ...topic, name: matched }) } : topic
}
