import { createRequire } from 'node:module'
import type { DatabaseSync } from 'node:sqlite'

/** The methods of a database that all runtimes have. */
export type PlainDatabase = Pick<DatabaseSync, 'exec' | 'close'>

/** Opens a database with the SQLite built into Node or Deno. @throws Error if there is none */
export function openSqlite(
  path: string,
  options: { readonly timeout?: number; readonly readOnly?: boolean } = {},
): DatabaseSync {
  const { DatabaseSync: Database } = quietly(() => process.getBuiltinModule('node:sqlite'))
  return new Database(path, options)
}

/** The same for a few statements, also with the SQLite built into Bun. */
export function openPlainDatabase(path: string, isReadOnly: boolean): PlainDatabase {
  if (!('bun' in process.versions)) return openSqlite(path, { readOnly: isReadOnly })
  const { Database } = createRequire(import.meta.url)('bun:sqlite') as { Database: BunDatabase }
  return isReadOnly ? new Database(path, { readonly: true }) : new Database(path)
}

type BunDatabase = new (path: string, options?: { readonly readonly: boolean }) => PlainDatabase

/**
 * Node 22 warns that SQLite is experimental. The parts used here have not changed since. Other warnings are passed on.
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
