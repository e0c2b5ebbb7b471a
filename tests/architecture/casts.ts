import { isNode, type Node, visit } from './syntax.ts'

/** Where a type is asserted against what the compiler knows, each with what no type can say. */
export const knownBetter: Readonly<Record<string, string>> = {
  'packages/client/src/shared-producers.ts': 'producers of all topics in one map: each has the types of its own key',
  'packages/consumer/src/parallel/worker-thread.node.ts':
    'definitions of all topics in one map, as a module exports them',
  'packages/core/src/errors/kafka-error.ts': '`is` of a class, whose constructor subclasses may hide',
  'packages/core/src/serialization/topic-definition.ts':
    'the keys of a topic by name are strings, whatever K is said to be',
  'packages/kafkado/src/cli/records/record-parts.ts': 'what JSON can do, and TypeScript does not know yet',
  'packages/testing/src/streams/topology-test-driver.ts': 'a definition of any types, by which a record is written',
}

/** How often a program says `as unknown as`, or `as never` of what is no empty type. */
export function castsAgainstTypes(program: unknown): number {
  let count = 0
  visit(program, (node) => {
    if (node.type !== 'TSAsExpression') return
    const inner = withoutParentheses(node['expression'])
    if (typeNameOf(node) === 'TSNeverKeyword') count++
    else if (isNode(inner) && inner.type === 'TSAsExpression' && typeNameOf(inner) === 'TSUnknownKeyword') count++
  })
  return count
}

function withoutParentheses(node: unknown): unknown {
  return isNode(node) && node.type === 'ParenthesizedExpression' ? withoutParentheses(node['expression']) : node
}

function typeNameOf(node: Node): string {
  const type = node['typeAnnotation']
  return isNode(type) ? type.type : ''
}
