import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RebalanceInProgressError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { failureText, root } from './failure-text.ts'
import { ReportBuilder } from './report.ts'
import type { Row } from './rows/row.ts'
import { runRow } from './run-row.ts'

const folder = join(tmpdir(), 'journal-1')
const file = join(root, 'packages/core/src/index.ts')

/** The missing file of a folder on this machine, as Node says it. */
function missing(): unknown {
  try {
    return readFileSync(join(folder, 'is-not-there'))
  } catch (error) {
    return error
  }
}

const row: Row = {
  name: 'kills',
  gate: 'Kills',
  full: { text: 'all', atLeast: {} },
  ci: undefined,
  figures: [],
  shows: '',
  run: () =>
    Promise.resolve({
      seeds: '1',
      counts: {},
      violations: [`${pathToFileURL(file).href}:3:4 threw`, `no such file: ${folder}`],
      details: { place: `${file} on line 3` },
    }),
}

describe('the text of a failure', () => {
  it('has kind, message and causes, and frames within the repository', () => {
    const cause = missing()
    const text = failureText(new RebalanceInProgressError('the group moved on', { cause }))
    expect(text).toMatch(/^RebalanceInProgressError: the group moved on\n/)
    expect(text).toMatch(/\n {4}at .*tests\/reliability\/failure-text\.test\.ts:\d+:\d+/)
    expect(text).toMatch(/\ncaused by Error: ENOENT: no such file or directory, open 'journal-1\/is-not-there'\n/)
    expect(text).not.toMatch(/node_modules|node:/)
  })

  it('says what was thrown that is no error', () => {
    expect(failureText(`${file} is damaged`)).toBe('packages/core/src/index.ts is damaged')
  })
})

describe('nothing of a machine is kept', () => {
  it('of a seed that throws', async () => {
    const report = new ReportBuilder({ first: 1, last: 1 })
    await report.eachSeed(() => Promise.reject(new Error(`cannot read ${file}`, { cause: missing() })))
    const [violation = ''] = report.build().violations
    expect(violation).toMatch(/^seed 1: Error: cannot read packages\/core\/src\/index\.ts\n/)
    for (const place of [root, tmpdir(), 'file:']) expect(violation).not.toContain(place)
  })

  it('of a row, whichever tool wrote its report', async () => {
    const { violations, details } = await runRow(row, { size: 'full', seeds: undefined, targets: undefined })
    expect(violations).toEqual(['packages/core/src/index.ts:3:4 threw', 'no such file: journal-1'])
    expect(details).toEqual({ place: 'packages/core/src/index.ts on line 3' })
  })
})
