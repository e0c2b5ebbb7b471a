import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fromSource, runProcess } from './processes/child-processes.ts'

const folder = fileURLToPath(new URL('../examples/', import.meta.url))
const main = fileURLToPath(new URL('../packages/kafkado/src/cli/main.ts', import.meta.url))
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('-worker.ts'))

/** What a program says that it prints. */
function announced(name: string): string {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n')
  return lines.flatMap((line) => (line.startsWith('//> ') ? [`${line.slice(4)}\n`] : [])).join('')
}

/** In a folder of its own, as a program may leave files behind. */
async function said(file: string, words: string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'kafkado-example-'))
  try {
    const { code, signal, output, errors } = await runProcess(file, words, { cwd, ...(env && { env }) })
    expect([code, signal], errors).toEqual([0, null])
    return output + errors
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

describe('examples', () => {
  it('are there', () => expect(programs.length).toBeGreaterThan(9))

  it.each(programs)('%s prints what it says', async (name) => {
    const expected = announced(name)
    expect(expected).not.toBe('')
    expect(await said(process.execPath, [fromSource, join(folder, name)])).toBe(expected)
  })

  it('command-line.sh serves, produces, consumes and describes', async () => {
    const place = mkdtempSync(join(tmpdir(), 'kafkado-command-'))
    // One word, as the script wants it, also where the repository lies in a folder with a space in its name.
    const KAFKADO = join(place, 'kafkado')
    writeFileSync(KAFKADO, `#!/bin/sh\nexec '${process.execPath}' ${fromSource} '${main}' "$@"\n`, {
      mode: 0o755,
    })
    const printed = await said('sh', [join(folder, 'command-line.sh')], { ...process.env, KAFKADO })
    rmSync(place, { recursive: true })
    expect(printed).toContain('{"orderId":"1","amount":10}')
    expect(printed).toMatch(/mailer: Empty, 0 members, lag 1/)
  })

  it('are all named in their README', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    for (const name of programs) expect(readme).toContain(`[${name}](${name})`)
  })
})
