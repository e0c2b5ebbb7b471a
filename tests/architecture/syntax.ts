/** A node of a syntax tree, as the parser makes it. */
export type Node = { type: string; start: number; [field: string]: unknown }

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

/** Of an identifier; empty for anything else. */
export function nameOf(node: unknown): string {
  return isNode(node) && node.type === 'Identifier' ? String(node['name']) : ''
}

/** Shows each node. Names in the place of a property, a key or a type are left out: they are not references. */
export function visit(value: unknown, seen: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, seen)
    return
  }
  if (!isNode(value)) return
  seen(value)
  for (const [field, child] of Object.entries(value)) {
    if ((field === 'property' || field === 'key') && value['computed'] !== true) continue
    if (field === 'typeAnnotation' || field === 'returnType' || field === 'typeArguments') continue
    visit(child, seen)
  }
}
