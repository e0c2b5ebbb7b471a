import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { Reporter, Vitest } from 'vitest/node'

const shownFiles = 30
const kinds = ['lines', 'branches', 'functions'] as const

type Kind = (typeof kinds)[number]
type Counts = Record<Kind, { total: number; covered: number }>

/** What Vitest hands on: a map of istanbul's. */
interface CoverageMap {
  files(): string[]
  fileCoverageFor(file: string): { toSummary(): { data: Counts }; getUncoveredLines(): (number | string)[] }
}

interface CoveredFile extends Counts {
  readonly file: string
  readonly uncovered: readonly number[]
}

/**
 * Prints what of each package the tests have run, and the files that they ran least of; the same goes to `summary.txt`,
 * that of all files to `files.txt`.
 */
export class CoverageReporter implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onCoverage(coverage: unknown): void {
    const { root, coverage: options } = (this.#vitest as Vitest).config
    const files = coveredFiles(coverage as CoverageMap, root)
    const least = files.toSorted(
      (one, other) => share(one.lines) - share(other.lines) || other.lines.total - one.lines.total,
    )
    const ofPackages = [...Map.groupBy(files, packageOf)]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([name, of]) => row(name, summed(of)))
    const packages = [heading('package'), ...ofPackages, row('all', summed(files))]
    const shown = [heading('the least covered'), ...least.slice(0, shownFiles).map(fileRow)]
    const summary = `${[...packages, '', ...shown].join('\n')}\n`
    const folder = resolve(root, options.reportsDirectory)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'summary.txt'), summary)
    writeFileSync(join(folder, 'files.txt'), `${[heading('file'), ...least.map(fileRow)].join('\n')}\n`)
    console.log(`\n${summary}\nOf every file: ${relative(root, folder)}${sep}files.txt, and line by line: index.html`)
  }
}

/** Those that have something to run: a file of types has not. */
function coveredFiles(coverage: CoverageMap, root: string): CoveredFile[] {
  return coverage.files().flatMap((path) => {
    const covered = coverage.fileCoverageFor(path)
    const { data } = covered.toSummary()
    const file = relative(root, path).replaceAll(sep, '/')
    return data.lines.total === 0 ? [] : { ...data, file, uncovered: covered.getUncoveredLines().map(Number) }
  })
}

function packageOf({ file }: CoveredFile): string {
  return file.split('/')[1] as string
}

function summed(files: readonly CoveredFile[]): Counts {
  const sum = (kind: Kind, what: 'total' | 'covered'): number => files.reduce((all, one) => all + one[kind][what], 0)
  const of = (kind: Kind): Counts[Kind] => ({ total: sum(kind, 'total'), covered: sum(kind, 'covered') })
  return { lines: of('lines'), branches: of('branches'), functions: of('functions') }
}

function share({ total, covered }: Counts[Kind]): number {
  return total === 0 ? 1 : covered / total
}

function heading(what: string): string {
  return `${what.padEnd(60)}${kinds.map((kind) => kind.padStart(10)).join('')}`
}

function row(name: string, counts: Counts): string {
  const shares = kinds.map((kind) => `${(100 * share(counts[kind])).toFixed(1)}%`.padStart(10))
  return `${name.padEnd(60)}${shares.join('')}`
}

function fileRow(one: CoveredFile): string {
  const { lines, file, uncovered } = one
  const missing = lines.total - lines.covered
  return row(file, one) + (missing === 0 ? '' : `  ${missing} of ${lines.total} lines: ${ranges(uncovered)}`)
}

/** `3-5, 9`, and not more of them than fit a line. */
function ranges(lines: readonly number[], most = 8): string {
  const found: [from: number, to: number][] = []
  for (const line of lines) {
    const last = found.at(-1)
    if (last && line === last[1] + 1) last[1] = line
    else found.push([line, line])
  }
  const texts = found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))
  return texts.length > most ? `${texts.slice(0, most).join(', ')}, …` : texts.join(', ')
}
