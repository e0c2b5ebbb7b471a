import { dirname } from 'node:path'
import { type SourceFile, targetOf } from './source-files.ts'

/** Pairs of folders that may point at each other: from which packages, in which of their folders, and why. */
export const mayPointBothWays: readonly (readonly [pair: RegExp, why: string])[] = [
  [/^admin ⇄ admin\/(groups|topics)$/, 'what all actions ask stands beside the face that has them'],
  [/^kafkado\/cli ⇄ kafkado\/cli\/commands$/, 'what commands print with stands beside the program that has them'],
  [/^messages ⇄ messages\/apis$/, 'what makes an API of a definition stands beside the list of them'],
  [/^server ⇄ server\/(auth|call|exchange|node)$/, 'what both faces take stands beside them'],
  [/^streams ⇄ streams\/app(\/queries)?$/, 'what only Node has is one file, of parts and for parts'],
  [
    /^streams\/dsl(\/[\w-]+)? ⇄ streams\/dsl\/[\w-]+$/,
    'operators give one another, and what they share is beside them',
  ],
]

/**
 * Folders of a package of which each imports from the other, whatever the order of their rooms says of single files.
 */
export function pairsOfFolders(files: readonly SourceFile[]): string[] {
  const arrows = new Set<string>()
  for (const file of files) {
    const from = dirname(file.path)
    for (const imported of file.imports) {
      const target = targetOf(file, imported)
      if (target !== undefined && dirname(target) !== from) arrows.add(`${roomOf(from)} ⇄ ${roomOf(dirname(target))}`)
    }
  }
  return [...arrows].filter((arrow) => {
    const [from = '', to = ''] = arrow.split(' ⇄ ')
    return from < to && arrows.has(`${to} ⇄ ${from}`)
  })
}

function roomOf(folder: string): string {
  return folder.replace(/^packages\/([^/]+)\/src/, '$1')
}
