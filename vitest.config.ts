import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './scripts/closing-line-reporter.ts'
import { CoverageReporter } from './scripts/coverage-reporter.ts'
import { mutantPlugin, mutantVariable } from './tests/mutants/mutant-plugin.ts'

// Tests run on the sources of every package, without a build.
const conditions = ['kafkado-source', 'node', 'module', 'import', 'default']
const fromSource = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  plugins: [mutantPlugin()],
}
// Worker threads load the sources by Node itself.
const execArgv = ['--conditions=kafkado-source']

// Files share what a worker has loaded, as loading it anew for each took longer than most of them. A mutant has to be
// loaded anew.
const isolate = process.env[mutantVariable] !== undefined

// No process that a test starts outlives it.
const endProcesses = fileURLToPath(new URL('tests/processes/end-processes.ts', import.meta.url))

// They end what hangs. How long what does not hang may take is the machine's to decide, which may have much else to do.
const limits = { testTimeout: 120_000, hookTimeout: 120_000 }

const packages = readdirSync(new URL('packages', import.meta.url))

export default defineConfig({
  test: {
    passWithNoTests: true,
    // vitest leaves one core to itself, which of two cores leaves half idle: many tests wait for processes that they
    // have started.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What is kept of a mutant's file would be taken for the real one by later runs.
    ...(process.env[mutantVariable] === undefined ? {} : { fsModuleCache: false }),
    reporters: ['default', new CoverageReporter(), new ClosingLineReporter()],
    coverage: {
      provider: 'v8',
      // With `--project` paths are told from the folders of those projects, and what lies elsewhere is external;
      // without, from the repository's.
      include: ['**/src/**/*.ts'],
      allowExternal: true,
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/node_modules/**'],
      // What tests start in processes and threads of their own counts as well.
      autoAttachSubprocess: true,
      reportOnFailure: true,
      reporter: ['json', 'json-summary', 'html'],
    },
    projects: [
      ...packages.map((name) => ({
        ...fromSource,
        test: {
          ...limits,
          name,
          execArgv,
          isolate,
          root: `packages/${name}`,
          // Beside what they test, or in `test/` what looks at the package as a whole.
          include: ['{src,test}/**/*.test.ts'],
          setupFiles: [endProcesses],
        },
      })),
      {
        ...fromSource,
        test: {
          ...limits,
          name: 'tests',
          execArgv,
          isolate,
          root: 'tests',
          include: ['**/*.test.ts'],
          setupFiles: [endProcesses],
          exclude: ['**/node_modules/**', '.snippets/**', 'kafka/**'],
        },
      },
      {
        // Against Apache Kafka: `npm run test:kafka` fetches it and runs these alone.
        ...fromSource,
        test: {
          ...limits,
          name: 'kafka',
          execArgv,
          root: 'tests/kafka',
          include: ['**/*.test.ts'],
          setupFiles: [endProcesses],
          globalSetup: [fileURLToPath(new URL('tests/kafka/global-setup.ts', import.meta.url))],
          // Brokers of several files at once would be too much for a machine.
          fileParallelism: false,
          hookTimeout: 180_000,
        },
      },
      {
        // One project for all: each one that checks types starts a compiler of its own.
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/{src,test}/**/*.test-d.ts', 'tests/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
})
