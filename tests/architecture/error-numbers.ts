import { isNode, nameOf, type Node, visit } from './syntax.ts'

/** Where Kafka's error numbers stand, and who compares bytes with what a broker writes. */
export function mayHaveErrorNumbers(path: string): boolean {
  return (
    path === 'packages/core/src/errors/error-codes.ts' ||
    /golden/.test(path) ||
    /^packages\/(wire|messages)\/(test\/|.*\.test\.ts$)/.test(path)
  )
}

/** What carries the number of an error, by its name; `codes()` collects them in tests. */
const carrier = /(^|[a-z])(errorCode|kafkaCode|ErrorCode|KafkaCode)(s|Of|sOf[A-Z]\w*)?$|^codes$/
/** Take the number of an error first. */
const takers = new Set(['errorOfCode', 'errorCodeOf', 'kafkaNameOf'])
/** Larger than any number that Kafka has, and no larger than any HTTP status of an answer. */
const largest = 200
const comparisons = new Set(['===', '!==', '==', '!='])
const lookUps = new Set(['has', 'includes'])
const matchers = new Set(['toBe', 'toEqual', 'toStrictEqual'])

/**
 * The errors of Kafka that a program calls by number. 0 says that there is no error, and is not among them; nor is what
 * is too large to be one.
 */
export function errorNumbers(program: unknown): number[] {
  const constants = constantsOf(program)
  const found = new Map<number, number>()
  const note = (node: unknown): void => {
    for (const [start, number] of numbersIn(node, constants)) found.set(start, number)
  }
  visit(program, (node) => {
    for (const one of comparedWithCode(node)) note(one)
    if (isNode(node['key']) && carrier.test(keyOf(node['key']))) note(node['value'])
    const [callee, first] = [node['callee'], (node['arguments'] as unknown[] | undefined)?.[0]]
    if (takers.has(nameOf(callee))) note(first)
    if (!isNode(callee) || callee.type !== 'MemberExpression') return
    const method = nameOf(callee['property'])
    if (lookUps.has(method) && carriesCode(first)) note(callee['object'])
    if (matchers.has(method) && carriesCode(expected(callee['object']))) note(first)
  })
  return [...found.values()].filter((number) => number < largest)
}

/** What stands where an error's number would: set, assumed, compared with it, or looked up by it. */
function comparedWithCode(node: Node): unknown[] {
  const { left, right, id, init, object, property, operator } = node as Record<string, unknown>
  if (node.type === 'SwitchStatement')
    return carriesCode(node['discriminant']) ? (node['cases'] as Node[]).map((one) => one['test']) : []
  if (node.type === 'VariableDeclarator') return carrier.test(nameOf(id)) ? [init] : []
  if (node.type === 'AssignmentPattern' || node.type === 'AssignmentExpression') return carriesCode(left) ? [right] : []
  if (node.type === 'LogicalExpression') return operator === '??' && carriesCode(left) ? [right] : []
  if (node.type === 'MemberExpression') return node['computed'] === true && carriesCode(property) ? [object] : []
  if (node.type !== 'BinaryExpression' || !comparisons.has(String(operator))) return []
  return [...(carriesCode(left) ? [right] : []), ...(carriesCode(right) ? [left] : [])]
}

function carriesCode(node: unknown): boolean {
  if (!isNode(node)) return false
  if (node.type === 'MemberExpression') return carrier.test(nameOf(node['property']))
  if (node.type === 'CallExpression') return carrier.test(nameOf(node['callee'])) && !takers.has(nameOf(node['callee']))
  if (node.type === 'LogicalExpression') return carriesCode(node['left'])
  if (node.type === 'ArrayExpression') return (node['elements'] as unknown[]).every(carriesCode)
  return carrier.test(nameOf(node)) || carriesCode(node['expression'])
}

/** What `expect()` was given. */
function expected(node: unknown): unknown {
  if (!isNode(node)) return undefined
  if (node.type === 'MemberExpression') return expected(node['object'])
  return nameOf(node['callee']) === 'expect' ? (node['arguments'] as unknown[])[0] : undefined
}

/** The numbers but 0 that an expression may be or hold, also by the name of a constant. */
function numbersIn(node: unknown, constants: ReadonlyMap<string, unknown>): [start: number, number: number][] {
  if (Array.isArray(node)) return node.flatMap((one) => numbersIn(one, constants))
  if (!isNode(node)) return []
  const { start, type, value, operator, argument } = node as Node & Record<string, unknown>
  const within = (...fields: string[]): [number, number][] =>
    fields.flatMap((field) => numbersIn(node[field], constants))
  if (type === 'Literal') return typeof value === 'number' && value !== 0 ? [[start, value]] : []
  if (type === 'UnaryExpression')
    return operator === '-' ? numbersIn(argument, constants).map(([, number]) => [start, -number]) : []
  if (type === 'Identifier') return numbersIn(constants.get(nameOf(node)), new Map())
  if (type === 'ConditionalExpression') return within('consequent', 'alternate')
  if (type === 'LogicalExpression') return within('left', 'right')
  if (type === 'ObjectExpression') return within('properties')
  if (type === 'Property') return numberedKey(node) ?? within('value')
  if (type === 'NewExpression') return within('arguments')
  return within('elements', 'expression')
}

/** The key in a table by error number; in one by HTTP status the values count. */
function numberedKey({ key }: Node): [number, number][] | undefined {
  if (!isNode(key) || key.type !== 'Literal' || typeof key['value'] !== 'number') return undefined
  return key['value'] < largest ? [[key.start, key['value']]] : undefined
}

function keyOf(key: Node): string {
  return key.type === 'Literal' ? String(key['value']) : nameOf(key)
}

/** What the constants of a program are, by name. */
function constantsOf(program: unknown): Map<string, unknown> {
  const constants = new Map<string, unknown>()
  visit(program, (node) => {
    if (node.type === 'VariableDeclarator' && nameOf(node['id']) !== '') constants.set(nameOf(node['id']), node['init'])
  })
  return constants
}
