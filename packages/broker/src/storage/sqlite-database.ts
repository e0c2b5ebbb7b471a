import { createRequire } from 'node:module'
import type { DatabaseSync } from 'node:sqlite'

/** What of a database both runtimes have. */
export type PlainDatabase = Pick<DatabaseSync, 'exec' | 'close'>

/** Opens a database with what Node or Deno has built in. @throws Error where there is nothing of the kind */
export function openSqlite(path: string, options: { readonly timeout?: number } = {}): DatabaseSync {
  const { DatabaseSync: Database } = quietly(() => process.getBuiltinModule('node:sqlite'))
  return new Database(path, options)
}

/** The same for a few statements, also with what Bun has. */
export function openPlainDatabase(path: string): PlainDatabase {
  if (!('bun' in process.versions)) return openSqlite(path)
  const { Database } = createRequire(import.meta.url)('bun:sqlite') as { Database: new (path: string) => PlainDatabase }
  return new Database(path)
}

/** Node 22 warns that SQLite is experimental. What is used of it here has not changed since; everything else is told. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process
  process.emitWarning = (...args: unknown[]): void => {
    if (!String(args[0]).startsWith('SQLite is an experimental feature')) Reflect.apply(emitWarning, process, args)
  }
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
