import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export type Snippet = {
  /** The document, from the root, and the line of the fence: where a reader looks for a fault. */
  document: string
  line: number
  code: string
  /** False for a fence that says `ts no-run`: its code is only type-checked. */
  runs: boolean
}

export function readSnippets(): Snippet[] {
  return documents().flatMap((document) => snippetsIn(document, readFileSync(join(root, document), 'utf8')))
}

function documents(): string[] {
  const docs = existsSync(join(root, 'docs'))
    ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)
    : []
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)
  return ['README.md', ...docs, ...packages]
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .filter((path) => existsSync(join(root, path)))
}

export function snippetsIn(document: string, text: string): Snippet[] {
  const snippets: Snippet[] = []
  let open: { line: number; info: string; code: string[] } | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const fence = /^\s*```(.*)$/.exec(line)
    if (!fence) {
      open?.code.push(line)
    } else if (open) {
      const [language, ...marks] = open.info.split(/\s+/)
      if (language === 'ts') {
        snippets.push({ document, line: open.line, code: open.code.join('\n'), runs: !marks.includes('no-run') })
      }
      open = undefined
    } else {
      open = { line: index + 1, info: (fence[1] ?? '').trim(), code: [] }
    }
  }
  return snippets
}
