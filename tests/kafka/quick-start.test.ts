import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { fromSource, runProcess } from '../processes/child-processes.ts'
import { readSnippets, root } from '../snippets/markdown-snippets.ts'

const { bootstrapServers } = inject('kafka')

/** What the README shows of clients in memory: the same must work on a cluster, with nothing changed but the URL. */
const snippets = readSnippets().filter(({ document, code }) => document === 'README.md' && code.includes("'memory:'"))

let folder: string

beforeAll(() => {
  // Beside the tests, so that the packages resolve.
  mkdirSync(join(root, 'tests', '.snippets'), { recursive: true })
  folder = mkdtempSync(join(root, 'tests', '.snippets', 'kafka-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('finds the quick start in the README', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(3)
  expect(snippets[0]?.code).toContain('kafka.consume<')
})

it.each(snippets.map((snippet, index) => ({ where: `README.md:${snippet.line}`, index, snippet })))(
  'runs on Apache Kafka: $where',
  async ({ index, snippet }) => {
    // Topics of its own for each, as another program and an earlier run have their records in theirs.
    const code = snippet.code
      .replaceAll(/'(memory:|file:\.\/data)'/g, `'kafka://${bootstrapServers}'`)
      .replaceAll(/'(orders|invoices|mailer|invoicer|orders-per-customer)'/g, `'$1-${process.pid}-${index}'`)
    const file = join(folder, `snippet-${index}.ts`)
    writeFileSync(file, code)
    const ended = await runProcess(process.execPath, [fromSource, file])
    expect(ended, ended.errors).toMatchObject({ code: 0, signal: null })
    if (index === 0) expect(ended.output).toBe('customer-1 99.99\n')
  },
)
