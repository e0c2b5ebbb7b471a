import { afterEach, expect, it, vi } from 'vitest'
import { openSqlite } from './sqlite-database.node.ts'

afterEach(() => void vi.restoreAllMocks())

it('is silent about SQLite being experimental, as Node 22 says when it is loaded, and about nothing else', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const load = process.getBuiltinModule
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) => {
    process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning')
    process.emitWarning('something else', 'ExperimentalWarning')
    return load(name)
  }) as typeof process.getBuiltinModule)
  openSqlite(':memory:').close()
  expect(emitted.mock.calls).toEqual([['something else', 'ExperimentalWarning']])
  expect(process.emitWarning).toBe(emitted)
})
