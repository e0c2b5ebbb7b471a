import { visit } from './syntax.ts'

/** Whether a file offers whatever another one does, so that a name becomes public without anybody having said so. */
export function exportsAll(program: unknown): boolean {
  let isAll = false
  visit(program, (node) => {
    if (node.type === 'ExportAllDeclaration' && !node['exported']) isAll = true
  })
  return isAll
}
