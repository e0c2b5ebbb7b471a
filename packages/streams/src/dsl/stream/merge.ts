import { InvalidRequestError } from '@kafkado/core'
import { mergeProcessor } from '../../processors/stateless.ts'
import type { StreamParts } from '../parts.ts'

/** Merges two streams. Merging a stream with itself gives each record once. */
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
 * Reads several topics as one stream, each topic once. An internal topic behind it uses the serdes of the first one.
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
