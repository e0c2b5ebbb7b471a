import { isNode, type Node, nameOf, visit } from './syntax.ts'

/**
 * Where a promise that is kept while it is under way, or a flag that says so, is taken back by hand, each with why that
 * is right. Everywhere else it is a `SingleFlight` of core: what `finally()` clears is cleared some microtasks after
 * the work has looked for the last time, and whoever asks in between is taken for served.
 */
export const clearedByHand: Readonly<Record<string, string>> = {
  'packages/core/src/runtime/single-flight.ts #present': 'this is the shared piece',
  'packages/core/src/runtime/single-flight.ts #next': 'this is the shared piece',
  'packages/core/src/requests/splitting/split-interceptor.ts loading': 'what was loaded stays; a failure is forgotten',
  'packages/producer/src/send/identity-source.ts #shared': 'an id that was got stays; a failure is forgotten',
  'packages/consumer/src/fetch/position-finder.ts #isFinding': 'looks once more in the turn that takes it back',
  'packages/consumer/src/group/group-membership.ts #sending':
    'asks once more in the turn that clears it, unless all was lost',
  'packages/consumer/src/group/assignments-in-order.ts #reconciling':
    'is cleared in the turn of the last look at the target',
  'packages/consumer/src/session/consumer-session.ts isUnderWay':
    'the first look begins once; nobody asks for another one',
  'packages/consumer/src/read/record-stream.ts isAwaited': 'whoever asked is told after it is taken back',
  'packages/streams/src/app/replaceable-member.ts #replacing': 'the next member begins in the turn that clears it',
}

/**
 * The names of what is set to `undefined` and may be a promise, and of flags that are taken back when a promise
 * settles.
 */
export function clearings(program: unknown): string[] {
  const promises = promisesIn(program)
  const found = new Set<string>()
  visit(program, (node) => {
    for (const name of cleared(node)) if (promises.has(name)) found.add(name)
    for (const callback of callbacksOf(node))
      visit(callback, (inner) => {
        for (const name of takenBack(inner)) found.add(name)
      })
  })
  return [...found]
}

/** Fields, properties and variables of a promise that may be missing. */
function promisesIn(program: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  visit(program, (node) => {
    const declared = node.type === 'VariableDeclarator' ? node['id'] : node
    if (!isNode(declared) || !isNode(declared['typeAnnotation'])) return
    const type = declared['typeAnnotation']['typeAnnotation']
    const parts = isNode(type) && type.type === 'TSUnionType' ? (type['types'] as Node[]) : [type]
    const mayBeMissing =
      declared['optional'] === true || parts.some((part) => isNode(part) && part.type === 'TSUndefinedKeyword')
    if (mayBeMissing && parts.some(isPromise)) names.add(declaredName(declared))
  })
  return names
}

function isPromise(type: unknown): boolean {
  return isNode(type) && type.type === 'TSTypeReference' && nameOf(type['typeName']) === 'Promise'
}

function declaredName(node: Node): string {
  return node.type === 'Identifier' ? nameOf(node) : memberName(node['key'])
}

function memberName(key: unknown): string {
  if (!isNode(key)) return ''
  return key.type === 'PrivateIdentifier' ? `#${String(key['name'])}` : nameOf(key)
}

function targetName(target: unknown): string {
  if (!isNode(target)) return ''
  return target.type === 'MemberExpression' ? memberName(target['property']) : nameOf(target)
}

/** What an assignment sets to `undefined`; of a chain each is one. */
function cleared(node: Node): string[] {
  return isAssignmentOf(node, (value) => nameOf(value) === 'undefined') ? [targetName(node['left'])] : []
}

function takenBack(node: Node): string[] {
  const isFalse = (value: unknown): boolean => isNode(value) && value.type === 'Literal' && value['value'] === false
  return isAssignmentOf(node, isFalse) ? [targetName(node['left'])] : []
}

function isAssignmentOf(node: Node, isMeant: (value: unknown) => boolean): boolean {
  if (node.type !== 'AssignmentExpression' || node['operator'] !== '=') return false
  let value = node['right']
  while (isNode(value) && value.type === 'AssignmentExpression') value = value['right']
  return isMeant(value)
}

/** The functions that are called when a promise settles. */
function callbacksOf(node: Node): unknown[] {
  if (node.type !== 'CallExpression' || !isNode(node['callee'])) return []
  const { callee } = node as unknown as { callee: Node }
  if (callee.type !== 'MemberExpression' || !['then', 'catch', 'finally'].includes(nameOf(callee['property'])))
    return []
  return node['arguments'] as unknown[]
}
