import { visit } from './syntax.ts'

/**
 * The files that another one hands on whole, so that what is added to them is public without anybody having said so.
 *
 * @returns their specifiers
 */
export function handedOnWhole(program: unknown): string[] {
  const found: string[] = []
  visit(program, (node) => {
    if (node.type === 'ExportAllDeclaration' && !node['exported'])
      found.push(String((node['source'] as { value: unknown }).value))
  })
  return found
}

/** The lists of operations and their messages: to be in one of them is to be public. */
export const listsOfOperations: ReadonlySet<string> = new Set([
  './protocol/operations.ts',
  '@kafkado/core/operations',
  './apis/index.ts',
])
