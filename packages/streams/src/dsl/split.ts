import { InvalidRequestError, type TopicDefinition } from '@kafkado/core'
import * as stateless from '../processors/stateless.ts'
import type { StreamParts } from './parts.ts'
import { outputTopicOf } from './serdes.ts'

type Predicate = stateless.ValueFunction<unknown>

/** A stream for each predicate, in their order; and one of what none of them takes, where it has a name. */
export function splitStream(
  parts: StreamParts,
  branches: Readonly<Record<string, Predicate>>,
  rest: string | undefined,
): Record<string, StreamParts> {
  if (rest !== undefined && Object.hasOwn(branches, rest))
    throw new InvalidRequestError(`split: '${rest}' is a branch already; give { default } another name`)
  const named = Object.entries(branches)
  const all = rest === undefined ? named : [...named, [rest, (): boolean => true] as const]
  const streams = all.map(([name, own], index) => {
    const before = named.slice(0, index).map(([, predicate]) => predicate)
    const node = parts.graph.whole.processor({
      operator: `split ${name}`,
      inputs: [parts.node],
      build: stateless.splitProcessor(before, own),
      keepsValues: true,
    })
    return [name, { ...parts, node, lineage: `${parts.lineage}-${name}` }] as const
  })
  return Object.fromEntries(streams)
}

/** Writes each record to the topic of the first predicate that holds. */
export function branchStream(parts: StreamParts, branches: readonly (readonly [Predicate, unknown])[]): void {
  const pairs = branches.map(([predicate, topic]): readonly [Predicate, TopicDefinition<unknown, unknown>] => [
    predicate,
    outputTopicOf(parts, topic),
  ])
  parts.graph.whole.processor({
    operator: 'branch',
    inputs: [parts.node],
    sinks: pairs.map(([, sink]) => sink),
    build: stateless.branchProcessor(pairs),
  })
}
