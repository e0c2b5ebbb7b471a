import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromSource, runProcess } from './processes/child-processes.ts'
import { readSnippets, root, type Snippet, snippetsIn } from './snippets/markdown-snippets.ts'

const snippets = readSnippets()

// Beside the tests, so that the packages resolve; a folder of its own, so that two runs do not meet.
const parent = join(root, 'tests', '.snippets')
let folder: string

const nameOf = ({ document, line }: Snippet): string => `${document.replaceAll('/', '-').toLowerCase()}-${line}.ts`

beforeAll(() => {
  mkdirSync(parent, { recursive: true })
  folder = mkdtempSync(join(parent, 'run-'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.json',
      // `tsc --init` gives a reader's program the newest library too.
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, lib: ['ESNext', 'DOM', 'DOM.Iterable'] },
      include: ['*.ts'],
      exclude: [],
    }),
  )
  for (const snippet of snippets) {
    // As many lines above as in the document, so that a message of the compiler names the document's own line.
    writeFileSync(join(folder, nameOf(snippet)), `${'\n'.repeat(snippet.line)}${snippet.code}\nexport {}\n`)
  }
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the code in the documents', () => {
  it('is found between its fences', () => {
    const text = ['# Title', '```ts', 'let a', '```', '```sh', 'ls', '```', '```ts no-run', 'let b', '```'].join('\n')
    expect(snippetsIn('README.md', text)).toEqual([
      { document: 'README.md', line: 2, code: 'let a', runs: true },
      { document: 'README.md', line: 8, code: 'let b', runs: false },
    ])
  })

  it.skipIf(snippets.length === 0)('has no type errors', async () => {
    const words = [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]
    expect(await runProcess(process.execPath, words, { cwd: root })).toMatchObject({ output: '', errors: '', code: 0 })
  })

  const running = snippets.filter(({ runs }) => runs)
  it.each(running.map((snippet) => ({ where: `${snippet.document}:${snippet.line}`, snippet })))(
    'runs: $where',
    async ({ snippet }) => {
      // A snippet may leave files behind, as a reader's program would.
      const cwd = mkdtempSync(join(tmpdir(), 'kafkado-snippet-'))
      try {
        const { code, signal, errors } = await runProcess(
          process.execPath,
          [fromSource, join(folder, nameOf(snippet))],
          { cwd },
        )
        expect([code, signal], errors).toEqual([0, null])
      } finally {
        rmSync(cwd, { recursive: true, force: true })
      }
    },
  )
})
