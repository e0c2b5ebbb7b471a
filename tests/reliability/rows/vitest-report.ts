import { availableParallelism } from 'node:os'

export const vitest = 'node_modules/vitest/vitest.mjs'

/** What vitest's JSON reporter writes, as far as it matters here. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name?: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly fullName: string
      readonly status: string
    }[]
  }[]
}

export function reporting(file: string): string[] {
  return ['--reporter=json', `--outputFile=${file}`, `--maxWorkers=${Math.min(2, availableParallelism())}`]
}
