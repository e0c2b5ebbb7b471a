import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The lists of names that packages import from, each in its file. */
const lists: Readonly<Record<string, string>> = {
  '@kafkado/core': 'index.ts',
  '@kafkado/core/internal': 'internal.ts',
}

/** A name of a list: what its file calls it, and which file that is. */
interface Origin {
  readonly name: string
  readonly file: string
}

/**
 * Imports from a list of core's exports as imports from the files that have the names. A bundler that splits a page
 * takes all that a list leads to for needed at once, also where only what is loaded later uses it: so a list would
 * bring the reading of records into every page.
 *
 * Each import keeps its number of lines, so that source maps stay right.
 *
 * @param options `core` is the folder of core's sources; with `keepsPublicList` only the internal list is left out
 */
export function withDirectImports(
  source: string,
  { core, keepsPublicList = false }: { core: string; keepsPublicList?: boolean },
): string {
  return source.replaceAll(
    /^import \{([^}]*)\} from '(@kafkado\/core(?:\/internal)?)'/gm,
    (statement, names: string, list: string) => {
      if (keepsPublicList && list === '@kafkado/core') return statement
      const imports = valuesIn(names).map(({ name, alias }) => {
        const origin = originsIn(core, list).get(name)
        if (!origin) throw new Error(`${list} has no '${name}' in a form that scripts/direct-imports.ts can read`)
        return `import { ${origin.name} as ${alias} } from '@kafkado/core/internal/${origin.file}'`
      })
      return imports.join('; ') + '\n'.repeat(statement.split('\n').length - 1)
    },
  )
}

/**
 * Imports and exports of nothing but types, said so as a whole: else an import of nothing stays behind, which a bundler
 * follows as any other.
 */
export function withoutEmptyImports(source: string): string {
  return source.replaceAll(/^(import|export) \{([^}]*)\} from/gm, (statement, word: string, names: string) =>
    valuesIn(names).length > 0 ? statement : `${word} type {${names.replaceAll(/\btype /g, '')}} from`,
  )
}

const known = new Map<string, ReadonlyMap<string, Origin>>()

function originsIn(core: string, list: string): ReadonlyMap<string, Origin> {
  const origins = known.get(list) ?? new Map(exportsOf(core, lists[list] as string))
  known.set(list, origins)
  return origins
}

function exportsOf(core: string, file: string): [string, Origin][] {
  const text = readFileSync(join(core, file), 'utf8')
  const named = [...text.matchAll(/^export \{([^}]*)\} from '([^']*)\.ts'/gm)].flatMap(([, names = '', from = '']) =>
    valuesIn(names).map(({ name, alias }): [string, Origin] => [alias, { name, file: join(dirname(file), from) }]),
  )
  const all = [...text.matchAll(/^export \* from '([^']*\.ts)'/gm)]
  return [...named, ...all.flatMap(([, from = '']) => exportsOf(core, join(dirname(file), from)))]
}

/** The names of a list that are there when the program runs. */
function valuesIn(names: string): { name: string; alias: string }[] {
  return names
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('type '))
    .map((entry) => {
      const [name = '', alias = name] = entry.split(' as ')
      return { name, alias }
    })
}
