import { nameOf, type Node, visit } from './syntax.ts'

/** Time and chance come from core/src/runtime alone, so that tests can advance them. */
const bannedMembers = new Set(['Date.now', 'Math.random', 'performance.now'])
const bannedNames = new Set(['setTimeout', 'setInterval', 'randomUUID'])

/** The uses of banned globals in a program, as a reader would name them. */
export function bannedUses(program: unknown): string[] {
  const found: string[] = []
  visit(program, (node) => {
    const use = bannedUse(node)
    if (use) found.push(use)
  })
  return found
}

export function usesGlobal(program: unknown, name: string): boolean {
  let used = false
  visit(program, (node) => {
    if (node.type === 'Identifier' && node['name'] === name) used = true
  })
  return used
}

/** Whether a program takes a member of that name from anything: by a dot, or into a variable. */
export function usesMember(program: unknown, name: string): boolean {
  let used = false
  visit(program, (node) => {
    if (node.type === 'MemberExpression' && nameOf(node['property']) === name) used = true
    if (node.type === 'ObjectPattern')
      used ||= (node['properties'] as Node[]).some((property) => nameOf(property['key']) === name)
  })
  return used
}

function bannedUse(node: Node): string | undefined {
  if (node.type === 'Identifier' && bannedNames.has(String(node['name']))) return String(node['name'])
  if (node.type === 'MemberExpression') {
    const [object, property] = [nameOf(node['object']), nameOf(node['property'])]
    if (bannedMembers.has(`${object}.${property}`)) return `${object}.${property}`
    // The property itself is not visited, so that `clock.setTimeout` stays allowed.
    if (property === 'randomUUID' || (object === 'globalThis' && bannedNames.has(property))) return property
  }
  const isDate = nameOf(node['callee']) === 'Date'
  if (isDate && node.type === 'CallExpression') return 'Date()'
  if (isDate && node.type === 'NewExpression' && (node['arguments'] as unknown[]).length === 0) return 'new Date()'
  return undefined
}
