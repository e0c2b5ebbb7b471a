import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSnippets, root, type Snippet, snippetsIn } from './snippets/markdown-snippets.ts'

const run = promisify(execFile)
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
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
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

  it.skipIf(snippets.length === 0)('has no type errors', { timeout: 60_000 }, async () => {
    expect(await output(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])).toBe('')
  })

  const running = snippets.filter(({ runs }) => runs)
  it.each(running.map((snippet) => ({ where: `${snippet.document}:${snippet.line}`, snippet })))(
    'runs: $where',
    { timeout: 60_000 },
    async ({ snippet }) => {
      // A snippet may leave files behind, as a reader's program would.
      const cwd = mkdtempSync(join(tmpdir(), 'kafkado-snippet-'))
      try {
        await run(process.execPath, ['--conditions=kafkado-source', join(folder, nameOf(snippet))], {
          cwd,
          timeout: 50_000,
        })
      } finally {
        rmSync(cwd, { recursive: true, force: true })
      }
    },
  )
})

/** What a command that should be silent says. */
async function output(file: string, args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(file, args, { cwd: root })
    return stdout + stderr
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return stdout || stderr || String(error)
  }
}
