import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDirectImports, withoutEmptyImports } from '../scripts/direct-imports.ts'

const packages = join(import.meta.dirname, '..', 'packages')
const sources = readdirSync(packages).flatMap((name) =>
  readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file))
    .map((file) => join(packages, name, 'src', file)),
)

/** As in a package, where tsup runs. */
function built(source: string): string {
  return withDirectImports(withoutEmptyImports(source), { core: join(packages, 'core', 'src') })
}

/** Those that core lists by name, so that they lead to files of other names. */
const entries = new Set(['answers', 'node'])

describe('what a built file imports', () => {
  it('is each name from the file that has it', () => {
    expect(built("import { crc32c, type Header, isPattern as isOne } from '@kafkado/core/internal'")).toBe(
      "import { crc32c as crc32c } from '@kafkado/core/internal/batch/format/checksum'; " +
        "import { isPattern as isOne } from '@kafkado/core/internal/serialization/topic-pattern'",
    )
    expect(built("import { produce } from '@kafkado/core'")).toBe(
      "import { produce as produce } from '@kafkado/core/internal/protocol/00-produce'",
    )
  })

  it('is nothing where only types are meant', () => {
    expect(built("export { type Header } from './header.ts'")).toBe("export type { Header } from './header.ts'")
    expect(built("import { type Clock } from '@kafkado/core'")).toBe("import type { Clock } from '@kafkado/core'")
  })

  it('may not be a name that core does not have', () => {
    expect(() => built("import { produced } from '@kafkado/core'")).toThrow("@kafkado/core has no 'produced'")
  })

  it('stands in the same lines and leads to files that are there, in every source', () => {
    for (const path of sources) {
      const source = readFileSync(path, 'utf8')
      const made = built(source)
      expect(made.split('\n').length, path).toBe(source.split('\n').length)
      for (const [, file] of made.matchAll(/'@kafkado\/core\/internal\/([^']+)'/g))
        if (!entries.has(file as string))
          expect(existsSync(join(packages, 'core', 'src', `${file}.ts`)), `${path}: ${file}`).toBe(true)
      expect(made, path).not.toMatch(/^import \{[^}]*\} from '@kafkado\/core\/internal'/m)
    }
  })
})
