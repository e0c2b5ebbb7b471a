/** Names for the sibling packages in Node. Not part of the public interface: they may change in any release. */
export { unreadableFile } from './errors/unreadable-file.ts'
export { requireOptional } from './runtime/optional-package.node.ts'
export { openPlainDatabase, openSqlite, type PlainDatabase } from './runtime/sqlite-database.node.ts'
