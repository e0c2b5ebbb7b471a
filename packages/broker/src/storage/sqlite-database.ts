import { createRequire } from 'node:module'
import type { DatabaseSync } from 'node:sqlite'

/** What of a database both runtimes have. */
export type PlainDatabase = Pick<DatabaseSync, 'exec' | 'close'>

/** Opens a database with what Node or Deno has built in. @throws Error where there is nothing of the kind */
export function openSqlite(
  path: string,
  options: { readonly timeout?: number; readonly readOnly?: boolean } = {},
): DatabaseSync {
  const { DatabaseSync: Database } = quietly(() => process.getBuiltinModule('node:sqlite'))
  return new Database(path, options)
}

/** The same for a few statements, also with what Bun has. */
export function openPlainDatabase(path: string, isReadOnly: boolean): PlainDatabase {
  if (!('bun' in process.versions)) return openSqlite(path, { readOnly: isReadOnly })
  const { Database } = createRequire(import.meta.url)('bun:sqlite') as { Database: BunDatabase }
  return isReadOnly ? new Database(path, { readonly: true }) : new Database(path)
}

type BunDatabase = new (path: string, options?: { readonly readonly: boolean }) => PlainDatabase

/**
 * Node 22 warns that SQLite is experimental. What is used of it here has not changed since; everything else is told.
 */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process as { readonly emitWarning: (this: void, ...args: unknown[]) => void }
  process.emitWarning = (...args: unknown[]): void => {
    if (!String(args[0]).startsWith('SQLite is an experimental feature')) Reflect.apply(emitWarning, process, args)
  }
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
