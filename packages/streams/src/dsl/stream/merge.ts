import { InvalidRequestError } from '@kafkado/core'
import { mergeProcessor } from '../../processors/stateless.ts'
import type { StreamParts } from '../parts.ts'

/** Two streams as one. Of a stream and itself each record comes once. */
export function merged(one: StreamParts, other: StreamParts, name: string | undefined): StreamParts {
  const { graph, lineage } = one
  graph.whole.absorb(other.graph)
  const inputs = [...new Set([one.node, other.node])]
  const build = mergeProcessor(inputs.length)
  const node = graph.whole.processor({ operator: 'merge', name, inputs, build, keepsValues: true })
  const isRekeyed = one.isRekeyed || other.isRekeyed
  return { ...one, node, lineage: `${lineage}-${other.lineage}`, isRekeyed }
}

/**
 * Several topics as one stream, each once. Where it goes through an internal topic, records are written as those of the
 * first one are.
 */
export function mergedSources(sources: readonly StreamParts[]): StreamParts {
  const [first] = sources
  if (!first) throw new InvalidRequestError('stream: the list has no topic; give at least one')
  const inputs = [...new Set(sources.map(({ node }) => node))]
  if (inputs.length === 1) return first
  const lineage = [...new Set(sources.map((source) => source.lineage))].join('-')
  const build = mergeProcessor(inputs.length)
  const node = first.graph.whole.processor({ operator: `topics ${lineage}`, inputs, build, keepsValues: true })
  return { ...first, node, lineage }
}
