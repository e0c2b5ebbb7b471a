import { isNode, visit } from './syntax.ts'

/**
 * Calls of `slice()` without a range. Of bytes it may be no copy: that of a `Buffer` gives out the same memory. Bytes
 * are copied by `copyBytes`, lists by `[...list]`.
 */
export function uncertainCopies(program: unknown): number {
  let count = 0
  visit(program, (node) => {
    if (node.type !== 'CallExpression' || (node['arguments'] as unknown[]).length > 0) return
    const callee =
      isNode(node['callee']) && node['callee'].type === 'ChainExpression'
        ? node['callee']['expression']
        : node['callee']
    if (!isNode(callee) || callee.type !== 'MemberExpression' || callee['computed'] === true) return
    const property = callee['property']
    if (isNode(property) && property['name'] === 'slice') count++
  })
  return count
}
