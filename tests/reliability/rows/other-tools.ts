import type { Report } from '../report.ts'
import type { Row, RowRun } from './row.ts'
import { endedWithoutReport } from './run-part.ts'
import { script } from './script.ts'

const ofDecoders = 'runs of each decoder'
const ofFolders = 'runs of each target that opens folders'

export const fuzzing: Row = {
  name: 'fuzz',
  gate: 'Fuzzing of each decoder and of the HTTP face',
  full: {
    text: '5 million runs of each decoder, 500,000 of each target that opens folders',
    atLeast: { [ofDecoders]: 5_000_000, [ofFolders]: 500_000 },
  },
  ci: {
    text: '100,000 runs of each decoder, 10,000 of each target that opens folders, and the corpus',
    atLeast: { [ofDecoders]: 100_000, [ofFolders]: 10_000 },
  },
  figures: [ofDecoders, ofFolders],
  shows:
    'Each decoder is given inputs that were changed at random and kept where they reached new code: it answers or ' +
    'refuses with its own error, reads nothing past its input and comes to an end. Two targets, `journal-folders` ' +
    'and `state-folders`, open a whole damaged folder in each run, as an engine and an application of streams do ' +
    'when they start; a run of theirs takes about ten times as long, so they get a tenth of the runs and are counted ' +
    'apart. It shows nothing of inputs that were not found.',
  script: 'fuzz',
  run: async ({ size, seeds, targets = [], collect }) => {
    const runs = size === 'full' ? 5_000_000 : 100_000
    const text = await collect((file) =>
      script(
        'fuzz',
        ...targets.flatMap((name) => ['--target', name]),
        '--runs',
        `${runs}`,
        '--seed',
        `${seeds?.first ?? 1}`,
        '--json',
        file,
      ),
    )
    return text === undefined ? endedWithoutReport('fuzz') : fuzzReport(text)
  },
}

interface FuzzJson {
  readonly seed: number
  readonly targets: readonly {
    readonly target: string
    readonly opensFolders: boolean
    readonly runs: number
    readonly coverage: { readonly reached: number; readonly total: number }
    readonly failures: readonly { readonly message: string; readonly input: string }[]
  }[]
}

export function fuzzReport(text: string): Report {
  const { seed, targets } = JSON.parse(text) as FuzzJson
  const decoders = targets.filter(({ opensFolders }) => !opensFolders)
  const folders = targets.filter(({ opensFolders }) => opensFolders)
  return {
    seeds: `${seed}`,
    counts: {
      targets: targets.length,
      runs: targets.reduce((sum, { runs }) => sum + runs, 0),
      ...leastRuns(ofDecoders, decoders),
      ...leastRuns(ofFolders, folders),
    },
    violations: targets.flatMap(({ target, failures }) =>
      failures.map(({ message, input }) => `${target}: ${message}; again with --target ${target} --input ${input}`),
    ),
    details: Object.fromEntries(
      targets.map(({ target, coverage }) => [target, `${coverage.reached} of ${coverage.total} blocks reached`]),
    ),
  }
}

/** Nothing where none of the kind was run. */
function leastRuns(name: string, targets: FuzzJson['targets']): Record<string, number> {
  return targets.length === 0 ? {} : { [name]: Math.min(...targets.map(({ runs }) => runs)) }
}

export const mutants: Row = {
  name: 'mutants',
  gate: 'Planted mutants caught',
  full: { text: '60 mutants, all caught', atLeast: { mutants: 60 } },
  ci: { text: 'a sixth of them, another one with each commit', atLeast: { mutants: 1 } },
  figures: ['mutants', 'caught'],
  shows:
    'Faults that we could have made are planted one by one, and a test has to fail each time: so the zeros of the ' +
    'other rows mean something. A mutant that survives is a violation.',
  script: 'mutants',
  run: async ({ size, collect }: RowRun) => {
    const words = size === 'ci' ? ['--ci', '--turn', '0'] : []
    const text = await collect((file) => script('mutants', ...words, '--json', file))
    return text === undefined ? endedWithoutReport('mutants') : mutantsReport(text)
  },
}

interface MutantJson {
  readonly mutant: string
  readonly kind: string
  readonly gate: string
  readonly detail: string
}

export function mutantsReport(text: string): Report {
  const all = JSON.parse(text) as readonly MutantJson[]
  const missed = all.filter(({ kind }) => kind !== 'caught')
  return {
    seeds: '',
    counts: { mutants: all.length, caught: all.length - missed.length },
    violations: missed.map(({ mutant, kind, gate, detail }) => `${mutant}: ${kind} (${gate}) ${detail}`),
    details: {},
  }
}
