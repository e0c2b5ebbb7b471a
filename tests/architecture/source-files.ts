import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export type Import = {
  specifier: string
  typeOnly: boolean
  dynamic: boolean
  /** What is taken of it that is no type, as it is called there. */
  names: string[]
}

export type SourceFile = {
  /** From the root of the repository, with `/` on every platform. */
  path: string
  /** The folder's name under packages/, if it is in one. */
  packageName: string | undefined
  isTest: boolean
  lines: number
  program: unknown
  imports: Import[]
}

const skipped = new Set(['node_modules', 'dist', '.snippets', 'coverage', '.turbo'])

/** Every file under the folder, without the help of git: the checks also run where there is none. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path.split(sep).join('/')]
  })
}

export function readSourceFile(path: string): SourceFile {
  return sourceFile(path, readFileSync(join(root, path), 'utf8'))
}

export function sourceFile(path: string, code: string): SourceFile {
  // Next.js has JSX in files of this name.
  const { program, module, errors } = parseSync(path, code, path.endsWith('.js') ? { lang: 'jsx' } : {})
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  return {
    path,
    packageName: /^packages\/([^/]+)\/src\//.exec(path)?.[1],
    isTest: /\.test(-d)?\.ts$/.test(path),
    lines: code.split('\n').length - 1,
    program,
    imports: [
      ...module.staticImports.map(({ moduleRequest, entries }) => ({
        specifier: moduleRequest.value,
        typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
        dynamic: false,
        names: entries.flatMap(({ isType, importName }) => (isType ? [] : (importName.name ?? importName.kind))),
      })),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest, isType, importName }) => {
          const names = isType ? [] : [importName.name ?? importName.kind]
          return moduleRequest ? [{ specifier: moduleRequest.value, typeOnly: isType, dynamic: false, names }] : []
        }),
      ),
      ...module.dynamicImports.flatMap(({ moduleRequest }) => {
        const literal = /^['"](.+)['"]$/.exec(code.slice(moduleRequest.start, moduleRequest.end))?.[1]
        return literal ? [{ specifier: literal, typeOnly: false, dynamic: true, names: [] }] : []
      }),
    ],
  }
}

/** The file that a relative import names, from the root of the repository. */
export function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return relative(root, join(root, dirname(file.path), specifier))
    .split(sep)
    .join('/')
}
