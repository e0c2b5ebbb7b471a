import { InvalidRequestError } from '@kafkado/core'
import * as stateless from '../../processors/stateless.ts'
import type { StreamParts } from '../parts.ts'
import { optionsOf } from '../operator-options.ts'
import { type SplitOptions, splitOptions } from './stream-options.ts'

/** A stream for each predicate, in order, and a named default stream for the remaining records. */
export function splitStream(
  parts: StreamParts,
  branches: Readonly<Record<string, stateless.ValueFunction<unknown>>>,
  options: SplitOptions,
): Record<string, StreamParts> {
  const { default: rest, name } = optionsOf('split', splitOptions, options)
  if (rest !== undefined && Object.hasOwn(branches, rest))
    throw new InvalidRequestError(`split: '${rest}' is a branch already; give { default } another name`)
  const { node: from, lineage } = parts
  const graph = parts.graph.whole
  const build = stateless.splitProcessor(Object.values(branches))
  const split = graph.processor({ operator: 'split', name, inputs: [from], build, keepsValues: true })
  const streams = [...Object.keys(branches), ...(rest === undefined ? [] : [rest])].map((branch, index) => {
    const node = graph.processor({
      operator: `split ${branch}`,
      name: name && `${name}-${branch}`,
      inputs: [split],
      build: stateless.splitBranchProcessor(index),
      keepsValues: true,
    })
    return [branch, { ...parts, node, lineage: `${lineage}-${branch}` }] as const
  })
  return Object.fromEntries(streams)
}
