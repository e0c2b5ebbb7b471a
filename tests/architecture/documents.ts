import { basename, dirname } from 'node:path'

/** `*` stands for the end of a name: `folders-and-sockets.*.ts`. A word before `.js` may be the name of a library. */
const fileName = /(?<![\w*{}-])(?:[\w.@*-]+\/)*[\w*][\w.*-]*\.(?:ts|mjs|json|md|java|sh|c)\b/g
const codeName = /`#?((?:[A-Za-z_]\w*\.#?)*[A-Za-z_]\w*)(?:\(\))?`/g

/** The files that a text names and that are none of these paths. */
export function missingFiles(text: string, paths: readonly string[]): string[] {
  const byName = Map.groupBy(paths, (path) => basename(path))
  return namesIn(text, fileName).filter((named) => {
    const [name, folder] = [basename(named), dirname(named)]
    const pattern = new RegExp(`^${name.replaceAll('.', String.raw`\.`).replaceAll('*', String.raw`[a-z.]*`)}$`)
    const found = name.includes('*') ? paths.filter((path) => pattern.test(basename(path))) : (byName.get(name) ?? [])
    return !found.some((path) => folder === '.' || `/${dirname(path)}`.endsWith(`/${folder}`))
  })
}

/** The names between backticks, such as `Changes.put`, of which no code has the last part as a word. */
export function missingNames(text: string, words: ReadonlySet<string>): string[] {
  return [...text.matchAll(codeName)]
    .map(([, name = '']) => name)
    .filter((name) => !words.has(name.split(/[.#]+/).at(-1) ?? ''))
}

/** The folders of a package's sources that the file map does not name where it tells of the package. */
export function unnamedFolders(map: string, folders: readonly string[]): string[] {
  return folders.filter((folder) => {
    const [, source = '', rooms = ''] = /^(packages\/[^/]+\/src)\/(.+)$/.exec(folder) ?? []
    const [, told = ''] = map.split(`\n${source} `)
    const [own = ''] = told.split(/\n(?=packages\/|tests\/)/)
    return !own.includes(`${basename(rooms)}/`)
  })
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([name]) => name))]
}
