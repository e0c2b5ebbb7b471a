import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './scripts/closing-line-reporter.ts'

// Tests run on the sources of every package, without a build.
const conditions = ['kafkado-source', 'node', 'module', 'import', 'default']
const fromSource = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
}
// Worker threads load the sources by Node itself.
const execArgv = ['--conditions=kafkado-source']

const packages = readdirSync(new URL('packages', import.meta.url))

export default defineConfig({
  test: {
    passWithNoTests: true,
    reporters: ['default', new ClosingLineReporter()],
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'] },
    projects: [
      ...packages.map((name) => ({
        ...fromSource,
        test: { name, root: `packages/${name}`, include: ['src/**/*.test.ts'] },
      })),
      {
        ...fromSource,
        test: {
          name: 'tests',
          execArgv,
          root: 'tests',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '.snippets/**'],
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
            include: ['packages/*/src/**/*.test-d.ts', 'tests/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
})
