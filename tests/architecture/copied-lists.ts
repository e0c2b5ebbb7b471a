import { isNode, type Node, visit } from './syntax.ts'

/**
 * How often the code puts a copy of a list back into a map to add elements to it. Whoever does this for each element
 * takes time that grows with the square of the list: joining a group on 100,000 partitions took minutes. `Map.groupBy`
 * makes such lists, and `push` extends them.
 */
export function copiedLists(program: unknown): number {
  let count = 0
  visit(program, (node) => {
    const [, value] = argumentsOf(node, 'set')
    let isCopied = false
    visit(value, (inner) => {
      if (inner.type === 'SpreadElement' && asks(inner['argument'])) isCopied = true
    })
    if (isCopied) count++
  })
  return count
}

/** Whether it is `(map.get(key) ?? [])`. */
function asks(value: unknown): boolean {
  if (isNode(value) && value.type === 'ParenthesizedExpression') return asks(value['expression'])
  return isNode(value) && value.type === 'LogicalExpression' && argumentsOf(value['left'], 'get').length === 1
}

/** The arguments of a call of such a method; none for anything else. */
function argumentsOf(node: unknown, method: string): readonly unknown[] {
  if (!isNode(node) || node.type !== 'CallExpression' || !isNode(node['callee'])) return []
  const { property } = node['callee'] as Node
  return isNode(property) && property['name'] === method ? (node['arguments'] as unknown[]) : []
}
