import { crc32c, isMatch } from '@kafkado/core/internal'
import { InvalidRequestError } from '@kafkado/core'
import type { GlobalTableNode, GraphNode, RepartitionNode, SourceNode } from './graph-node.ts'
import type { InternalNames } from './internal-names.ts'

const encoder = new TextEncoder()

/** A pattern as the sources of an application name it, without flags that change nothing here. */
export function patternText({ source, flags }: RegExp): string {
  return `/${source}/${flags.replaceAll(/[gy]/g, '')}`
}

/**
 * Begins the names of state from the topics of a pattern. Equal patterns give equal names, and different patterns give
 * different ones, even in characters that a name cannot have.
 */
export function patternLineage(pattern: RegExp): string {
  const text = patternText(pattern)
  const readable = pattern.source
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
  const hash = crc32c(encoder.encode(text)).toString(16).padStart(8, '0')
  return ['pattern', readable, hash].filter((part) => part !== '').join('-')
}

/**
 * Whether a pattern reads a topic. It leaves out the application's own internal topics: otherwise its output would come
 * back to it.
 */
export function reads({ pattern }: SourceNode, topic: string, names: InternalNames): boolean {
  return pattern !== undefined && isMatch(pattern, topic) && !names.isInternal(topic)
}

/** The known topics that a source reads. */
export function topicsOf(
  source: SourceNode | RepartitionNode,
  names: InternalNames,
  known: Iterable<string>,
): readonly string[] {
  if (source.kind === 'repartition' || !source.pattern) return [names.topicOf(source)]
  return Array.from(known).filter((topic) => reads(source, topic, names))
}

/** @throws InvalidRequestError when a pattern also matches the topic of another source, which would be read twice */
export function requirePatternsApart(nodes: readonly GraphNode[], globals: readonly GlobalTableNode[]): void {
  const sources = nodes.filter((node) => node.kind === 'source')
  const named = [...sources.filter(({ pattern }) => !pattern), ...globals].map(({ topic }) => topic.name)
  for (const { pattern } of sources) {
    const topic = pattern && named.find((name) => isMatch(pattern, name))
    if (topic !== undefined)
      throw new InvalidRequestError(
        `pattern ${patternText(pattern as RegExp)} matches topic '${topic}' too, which another source reads: ` +
          'exclude it from the pattern, or remove the other source',
      )
  }
}

/** @throws InvalidRequestError when two patterns match one topic */
export function requireOnePattern(sources: readonly SourceNode[], topic: string, names: InternalNames): void {
  // The same pattern may be read in several ways.
  const [one, other] = new Set(
    sources.filter((source) => reads(source, topic, names)).map((source) => source.topic.name),
  )
  if (one !== undefined && other !== undefined)
    throw new InvalidRequestError(
      `topic '${topic}' matches two patterns, ${one} and ${other}: let one of them leave it out`,
    )
}
