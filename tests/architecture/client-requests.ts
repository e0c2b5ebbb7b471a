import { isNode, nameOf, type Node, visit } from './syntax.ts'

/**
 * What more than one client asks for: each is sent in one place, core's `requests/`, so that all ask and wait in the
 * same way.
 */
const shared = new Set(['metadata', 'listOffsets', 'offsetFetch', 'offsetCommit', 'txnOffsetCommit'])

const clients = new Set(['producer', 'consumer', 'admin', 'streams'])

export function isClient(packageName: string | undefined): boolean {
  return packageName !== undefined && clients.has(packageName)
}

/** The operations among them that a program sends, by whatever name it has imported them. */
export function sharedRequestsSent(program: unknown): string[] {
  const imported = new Map<string, string>()
  const sent: string[] = []
  visit(program, (node) => {
    if (node.type === 'ImportSpecifier') imported.set(nameOf(node['local']), nameOf(node['imported']))
    if (node.type !== 'CallExpression' || !isSend(node['callee'])) return
    for (const local of namesIn((node['arguments'] as unknown[])[0])) {
      const operation = imported.get(local) ?? local
      if (shared.has(operation)) sent.push(operation)
    }
  })
  return sent
}

/** What an operation is called where it is given: one of two, or by the name of what exports it. */
function namesIn(given: unknown): string[] {
  if (!isNode(given)) return []
  if (given.type === 'ConditionalExpression') return [...namesIn(given['consequent']), ...namesIn(given['alternate'])]
  if (given.type === 'MemberExpression') return [nameOf(given['property'])]
  return isNode(given['expression']) ? namesIn(given['expression']) : [nameOf(given)]
}

/** `transport.send(…)`, also where it goes by the name of `send` alone. */
function isSend(callee: unknown): boolean {
  if (!isNode(callee)) return false
  const { type, property } = callee as Node & { property?: unknown }
  return nameOf(type === 'MemberExpression' ? property : callee) === 'send'
}
