import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { targetNames } from './targets.ts'

const folder = import.meta.dirname
const limitMs = 1_200_000
/** Of each decoder; `npm run fuzz` does five million. 100,000 take about 150 s of processor time, on two cores. */
const runs = process.env['KAFKADO_FUZZ_RUNS'] ?? (process.env['CI'] ? '100000' : '25000')

/** In a process of its own, whose sources tell which of their blocks are reached. */
function fuzz(...args: string[]): Promise<{ code: number; output: string }> {
  const files = [join(folder, 'instrumentation.ts'), join(folder, 'main.ts')] as const
  const argv = ['--no-warnings', '--conditions=kafkado-source', '--import', files[0], files[1], ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    )
  })
}

describe('what takes bytes from outside', () => {
  it('holds what it promises for whatever comes, and for all that has failed once', { timeout: limitMs }, async () => {
    const { code, output } = await fuzz('--runs', runs)
    expect(code, output).toBe(0)
    for (const name of targetNames) expect(output).toContain(`${name}: holds`)
  })

  it(
    'fails where a promise is broken, with the input made small, the seed, and a way to run it again',
    async () => {
      const { code, output } = await fuzz('--target', 'broken-on-purpose', '--runs', '20000', '--seed', '7')
      expect(code).toBe(1)
      // Twenty-four bytes, of which a bit in each of the first eight matters.
      expect(output).toMatch(/broken-on-purpose, seed \d+, run \d+: TypeError: Cannot read properties of undefined/)
      const [, input = ''] = /8 bytes: ([0-9a-f]{16})\n/.exec(output) ?? []
      expect(output).toContain(`npm run fuzz -- --target broken-on-purpose --input ${input}`)
      const again = await fuzz('--target', 'broken-on-purpose', '--input', input)
      expect(again.output).toContain('TypeError: Cannot read properties of undefined')
      expect(again.code).toBe(1)
    },
    limitMs,
  )
})

it('the corpus has a line in its index for each input, and no other', () => {
  const corpus = join(folder, 'corpus')
  const inputs = readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(corpus, name)).map((input) => `${name}/${input}`))
  const index = readFileSync(join(corpus, 'index.md'), 'utf8')
  const told = [...index.matchAll(/^\| ([a-z0-9-]+\/[a-z0-9-]+) /gm)].map(([, name]) => name)
  expect(new Set(told)).toEqual(new Set(inputs))
  expect(told).toHaveLength(inputs.length)
  expect(inputs.filter((input) => !targetNames.includes(input.split('/')[0] as string))).toEqual([])
})
