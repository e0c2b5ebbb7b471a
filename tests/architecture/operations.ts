import { basename, dirname } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** What has no answer of Apache Kafka to be compared with. */
export const withoutCases: ReadonlySet<string> = new Set(['capabilities'])

/** Where an operation is: its definition, and those who carry it out. */
export const placesOfOperations = {
  definition: 'packages/core/src/protocol',
  engine: 'packages/broker/src/handlers',
  wire: 'packages/wire/src/operations',
} as const

/** The files of operations in a folder, by their names alone: `61-describe-producers`. */
export function operationFiles(files: readonly SourceFile[], folder: string): string[] {
  return files
    .filter(({ path }) => dirname(path) === folder && /^\d\d-/.test(basename(path)))
    .map(({ path }) => basename(path, '.ts'))
}

/** What the cases of conformance take from core by name. The lists of all operations are no cases of any. */
export function namedInCases(files: readonly SourceFile[]): ReadonlySet<string> {
  return new Set(
    files
      .filter(({ path }) => path.startsWith('packages/testing/src/conformance/transport/'))
      .flatMap(({ imports }) => imports)
      .filter(({ specifier }) => specifier === '@kafkado/core')
      .flatMap(({ names }) => names),
  )
}
