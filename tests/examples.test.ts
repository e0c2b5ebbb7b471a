import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../examples/', import.meta.url))
const main = fileURLToPath(new URL('../packages/kafkado/src/cli/main.ts', import.meta.url))
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('-worker.ts'))

/** What a program says that it prints. */
function announced(name: string): string {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n')
  return lines.flatMap((line) => (line.startsWith('//> ') ? [`${line.slice(4)}\n`] : [])).join('')
}

/** In a folder of its own, as a program may leave files behind. */
async function output(file: string, words: string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'kafkado-example-'))
  try {
    const { stdout, stderr } = await run(file, words, { cwd, env, timeout: 50_000 })
    return stdout + stderr
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

describe('examples', () => {
  it('are there', () => expect(programs.length).toBeGreaterThan(9))

  it.each(programs)('%s prints what it says', { timeout: 60_000 }, async (name) => {
    const expected = announced(name)
    expect(expected).not.toBe('')
    expect(await output(process.execPath, ['--conditions=kafkado-source', join(folder, name)])).toBe(expected)
  })

  it('command-line.sh serves, produces, consumes and describes', { timeout: 60_000 }, async () => {
    const place = mkdtempSync(join(tmpdir(), 'kafkado-command-'))
    // One word, as the script wants it, also where the repository lies in a folder with a space in its name.
    const KAFKADO = join(place, 'kafkado')
    writeFileSync(KAFKADO, `#!/bin/sh\nexec '${process.execPath}' --conditions=kafkado-source '${main}' "$@"\n`, {
      mode: 0o755,
    })
    const printed = await output('sh', [join(folder, 'command-line.sh')], { ...process.env, KAFKADO })
    rmSync(place, { recursive: true })
    expect(printed).toContain('{"orderId":"1","amount":10}')
    expect(printed).toMatch(/mailer: Empty, 0 members, lag 1/)
  })

  it('are all named in their README', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    for (const name of programs) expect(readme).toContain(`[${name}](${name})`)
  })
})
