import { isNode, nameOf, type Node, visit } from './syntax.ts'

/** As wide as the formatter makes lines: it breaks all but comments and strings. */
export const mostCharacters = 120

/** A string that is too long for its line, where it can be cut into two that are put together by `+`. */
export interface LongString {
  readonly start: number
  readonly end: number
  /** The places of the spaces outside of `${}` where it can be cut. */
  readonly spaces: readonly number[]
}

export interface LongLine {
  /** Counted from 1. */
  readonly line: number
  /** Undefined for a comment. */
  readonly string: LongString | undefined
}

/**
 * Lines with more characters than they may have which can be broken. Excused is what cannot be broken and say the same:
 * strings over several lines, titles of tests, words longer than a line, what a comment says to a tool.
 */
export function longLines(code: string, program: unknown): LongLine[] {
  const strings = stringsOf(program)
  let next = 0
  return code.split('\n').flatMap((text, index): LongLine[] => {
    const [start, end] = [next, next + text.length]
    next = end + 1
    const line = index + 1
    if (text.length <= mostCharacters || isForTools(text)) return []
    if (strings.some((one) => one.start < start && one.end > start)) return []
    if (isComment(text))
      return text
        .trim()
        .slice(3, mostCharacters - 10)
        .includes(' ')
        ? [{ line, string: undefined }]
        : []
    const limit = start + mostCharacters
    const string = strings.find((one) => one.start >= start && one.end > limit - 3 && one.end <= end)
    return string && canBeCut(string, limit) ? [{ line, string }] : []
  })
}

function isComment(text: string): boolean {
  return /^ *(\/\/|\/?\*)/.test(text) || /\S \/\/ [^'"`]*$/.test(text)
}

/** What an example prints, and what is said to compiler and linter, stands in one line. */
function isForTools(text: string): boolean {
  return /\/\/(>| @ts-| oxlint-)/.test(text)
}

function canBeCut({ start, spaces }: LongString, limit: number): boolean {
  return spaces.some((at) => at > start + 8 && at < limit - 4)
}

/** Strings and templates where an expression can take their place. */
function stringsOf(program: unknown): LongString[] {
  const fixed = new Set<unknown>()
  const found: LongString[] = []
  visit(program, (node) => {
    for (const one of fixedIn(node)) fixed.add(one)
    if (node.type === 'Literal' && typeof node['value'] === 'string') found.push(ofLiteral(node, fixed.has(node)))
    if (node.type === 'TemplateLiteral') found.push(ofTemplate(node, fixed.has(node)))
  })
  return found
}

function fixedIn(node: Node): unknown[] {
  if (node.type === 'CallExpression')
    return isOfTests(node['callee']) ? (node['arguments'] as unknown[]).slice(0, 1) : []
  if (node.type === 'MemberExpression') return [node['object']]
  return [node['source'], node['quasi']]
}

/** `it`, `describe`, and what they have, such as `it.each(rows)`. */
function isOfTests(callee: unknown): boolean {
  if (!isNode(callee)) return false
  return ['it', 'test', 'describe'].includes(nameOf(callee)) || isOfTests(callee['callee'] ?? callee['object'])
}

function ofLiteral(node: Node, isFixed: boolean): LongString {
  const { start } = node
  const end = Number(node['end'])
  const raw = String(node['raw'])
  return { start, end, spaces: isFixed ? [] : spacesIn(raw, start) }
}

function ofTemplate(node: Node, isFixed: boolean): LongString {
  const quasis = node['quasis'] as readonly (Node & { readonly value: { readonly raw: string } })[]
  const spaces = quasis.flatMap(({ value: { raw }, start }) => spacesIn(raw, start))
  return { start: node.start, end: Number(node['end']), spaces: isFixed ? [] : spaces }
}

function spacesIn(text: string, start: number): number[] {
  return [...text.matchAll(/ /g)].map(({ index }) => start + index)
}
