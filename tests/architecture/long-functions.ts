import { isNode, type Node, visit } from './syntax.ts'

/** What is longer does several things, each of which could have a name. */
const most = 70

/** How many lines each function of the program has that is too long. */
export function longFunctions(code: string, program: unknown): number[] {
  const lines: number[] = []
  visit(program, (node) => {
    if (Array.isArray(node['params']) && isNode(node['body'])) lines.push(linesOf(code, node))
  })
  return lines.filter((count) => count > most)
}

function linesOf(code: string, { start, ...node }: Node): number {
  return code.slice(start, node['end'] as number).split('\n').length
}
