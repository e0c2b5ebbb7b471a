import { recordBatchFieldsAt } from '@kafkado/core/internal'
import { isNode, nameOf, visit } from './syntax.ts'

/** The places of a batch's header behind its first field; of what begins with 0 there is much. */
const places: ReadonlySet<unknown> = new Set(Object.values(recordBatchFieldsAt).filter((place) => place > 0))
const method = /^[gs]et(Big)?U?[iI]nt\d+$/

/** Where a number is none of a batch's header, or is written down a second time, each with why. */
export const otherPlaces: Readonly<Record<string, string>> = {
  'packages/core/src/batch/compression/bombs.test.ts': 'the head of a frame of snappy',
  'packages/streams/src/processors/grace-join/versions.ts': 'the length behind the time of a stored row',
  'packages/streams/src/state/journal/index-snapshot.ts': 'the head of a snapshot of the index',
  'packages/testing/src/conformance/transport/records/batch-cases.ts':
    'what Kafka answers to damage of each field, by the places that its documentation gives',
  'tests/fuzz/folders/seal-state.ts': 'the heads of files of state',
}

/** What a program reads or writes in a `DataView` at a number that is the place of a field in a batch's header. */
export function headerPlaces(program: unknown): number[] {
  const found: number[] = []
  visit(program, (node) => {
    const { type, callee } = node as typeof node & { readonly callee?: unknown }
    if (type !== 'CallExpression' || !isNode(callee) || !method.test(nameOf(callee['property']))) return
    const [first] = node['arguments'] as unknown[]
    if (isNode(first) && places.has(first['value'])) found.push(first['value'] as number)
  })
  return found
}
