import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseSeeds, ReportBuilder, seedsText } from './report.ts'
import { mended, readResults, type RowResult, seedsTwice, together } from './results.ts'
import { conformanceReport } from './rows/conformance.ts'
import { fuzzReport, mutantsReport } from './rows/other-tools.ts'
import type { Row } from './rows/row.ts'
import { rows } from './rows/rows.ts'
import { givenBack } from '../security/negatives/place/given-back.ts'
import { securityReport } from './rows/security.ts'
import { simulationReport } from './rows/simulation.ts'
import { lacks, scorecard } from './scorecard.ts'

const row: Row = {
  name: 'kills',
  gate: 'Kills',
  full: { text: '100 kills', atLeast: { kills: 100 } },
  ci: { text: '5 kills', atLeast: { kills: 5 } },
  figures: ['kills'],
  shows: 'That it lives.',
  run: undefined,
}
const result: RowResult = {
  seeds: '1-10',
  counts: { kills: 1234, records: 5 },
  violations: [],
  details: { place: 'a folder' },
  seconds: 300,
  commit: 'abcdef012',
  date: '2026-01-02',
}
const cells = (results: Parameters<typeof scorecard>[1]): string =>
  scorecard([row], results)
    .split('\n')
    .find((line) => line.startsWith('| Kills')) ?? ''

describe('docs/reliability.md', () => {
  it('is what the results beside it come to', () => {
    const written = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')
    expect(written).toBe(scorecard(rows, readResults()))
  })

  it('says what was never run', () => {
    expect(cells({}).match(/never run/g)).toHaveLength(2)
    expect(cells({ kills: { full: result } }).match(/never run/g)).toHaveLength(1)
  })

  it('gives figures, seeds and commit of what was run', () => {
    const line = cells({ kills: { full: result } })
    for (const part of ['0 violations', '1,234 kills', 'seeds 1-10', 'commit abcdef012']) expect(line).toContain(part)
    expect(line).not.toContain('less than promised')
  })

  it('names each commit once that parts were run on', () => {
    expect(cells({ kills: { full: { ...result, commit: 'a, b, b' } } })).toContain('commits a, b |')
  })

  it('says where less was run than promised', () => {
    expect(cells({ kills: { full: { ...result, counts: { kills: 99 } } } })).toContain(
      '**less than promised**: 99 of 100 kills',
    )
    expect(lacks(row.full, { ...result, counts: {} })).toBe('0 of 100 kills')
  })

  it('counts violations and names them', () => {
    const text = scorecard([row], {
      kills: { full: { ...result, violations: ['seed 3: a record is lost\n at line 5'] } },
    })
    expect(text).toContain('**1 violations**')
    expect(text).toContain('\n  - seed 3: a record is lost\n')
  })

  it('tells every row what it shows, in columns of one width', () => {
    const text = scorecard(rows, readResults())
    for (const { shows, name } of rows) {
      expect(text).toContain(shows)
      expect(text).toContain(`npm run reliability -- ${name}\``)
    }
    const widths = new Set(
      text
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.length),
    )
    expect(widths.size).toBe(1)
  })
})

describe('what is run in parts', () => {
  it('is added up', () => {
    const both = together(result, {
      ...result,
      seeds: '11-20',
      commit: 'b',
      violations: ['seed 12: x'],
      counts: { kills: 6 },
    })
    expect(both).toMatchObject({
      seeds: '1-10, 11-20',
      commit: 'abcdef012, b',
      seconds: 600,
      violations: ['seed 12: x'],
    })
    expect(both.counts).toEqual({ kills: 1240, records: 5 })
    const kinds = (count: number): RowResult => ({ ...result, counts: { 'kinds of faults': count } })
    expect(together(kinds(32), kinds(31)).counts).toEqual({ 'kinds of faults': 32 })
    const target = (runs: number): RowResult => ({
      ...result,
      seeds: '1',
      counts: { targets: 1, 'runs of each decoder': runs },
    })
    expect(together(target(5), target(3))).toMatchObject({
      seeds: '1',
      counts: { targets: 2, 'runs of each decoder': 3 },
    })
  })
})

describe('violations', () => {
  const told = { ...result, violations: ['2 violations; failed seeds: 3, 8'], failedSeeds: [3, 8] }
  const seed = (seeds: string, violations: string[] = []): RowResult => ({
    ...result,
    seeds,
    violations,
    commit: 'later',
    counts: { kills: 1 },
  })

  it('are gone once each seed that told one was run again without', () => {
    const after = mended(told, [seed('3'), seed('8')])
    expect(after).toEqual({
      ...result,
      details: {
        ...result.details,
        'mended and run again': 'violations by seed 3, 8; none since the mend, on commit later',
      },
    })
  })

  it.each([
    ['one seed tells one again', [seed('3'), seed('8', ['x'])]],
    ['one seed was not run again', [seed('3')]],
    ['another seed was run', [seed('3'), seed('9')]],
    ['none was run', []],
    ['it was the same commit', [seed('3'), seed('8')].map((one) => ({ ...one, commit: result.commit }))],
  ])('stay when %s', (_, again) => {
    expect(mended(told, again)).toEqual(told)
  })

  it('of which one is of no seed stay when two runs become one', () => {
    const { failedSeeds: _, ...unknown } = told
    expect(together(told, unknown).failedSeeds).toBeUndefined()
    expect(together(told, result).failedSeeds).toEqual([3, 8])
  })

  it('of unknown seeds stay', () => {
    const { failedSeeds: _, ...unknown } = told
    expect(mended(unknown, [seed('3')])).toEqual(unknown)
  })
})

describe('seeds that are kept already', () => {
  it.each([
    ['1-10', '11-20', undefined],
    ['1-10, 21-30', '11-20', undefined],
    ['1-10', '10-20', '10'],
    ['1-10, 21-30', '15-40', '21-30'],
    ['5', '1-9', '5'],
    ['', '1-9', undefined],
  ])('%s and %s: %s', (kept, wanted, twice) => {
    expect(seedsTwice({ ...result, seeds: kept }, parseSeeds(wanted))).toBe(twice)
  })
})

describe('a run', () => {
  it('goes on after a seed that throws, and tells which', async () => {
    const report = new ReportBuilder({ first: 1, last: 3 })
    await report.eachSeed((seed) => {
      report.add({ seeds: 1 })
      return seed === 2 ? Promise.reject(new Error('no end')) : Promise.resolve()
    })
    const { counts, violations, seeds } = report.build()
    expect([counts, seeds]).toEqual([{ seeds: 3 }, '1-3'])
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatch(/^seed 2: Error: no end/)
  })

  it('takes seeds as they are written', () => {
    expect(['7', '1-60'].map((text) => seedsText(parseSeeds(text)))).toEqual(['7', '1-60'])
    for (const text of ['', 'x', '5-3', '1-', '-1']) expect(() => parseSeeds(text)).toThrow()
  })
})

describe('what other tools have written', () => {
  it('of conformance, by place', () => {
    const case_ = (place: string, status: string): object => ({
      ancestorTitles: [place],
      fullName: `${place} x`,
      status,
    })
    const text = JSON.stringify({
      testResults: [
        {
          message: '',
          assertionResults: [case_('memory', 'passed'), case_('memory', 'passed'), case_('disk', 'skipped')],
        },
        { message: 'cannot be loaded', assertionResults: [case_('disk', 'failed')] },
      ],
    })
    const { counts, violations, details } = conformanceReport([text], 'ci')
    expect(counts).toEqual({ memory: 2 })
    expect(violations).toEqual(['cannot be loaded', 'ci: disk x'])
    expect(details['Apache Kafka']).toBe('was not asked')
  })

  it('of security, with the tables of negatives as cases', () => {
    const test = (fullName: string, status = 'passed'): object => ({ ancestorTitles: ['t'], fullName, status })
    const text = JSON.stringify({
      testResults: [
        {
          name: '/x/tests/security/negatives/rights/keys.test.ts',
          message: '',
          assertionResults: [test('t a'), test('t b'), test('t c', 'failed'), test(`t ${givenBack}`)],
        },
        { name: '/x/tests/security/logs.test.ts', message: '', assertionResults: [test('l')] },
      ],
    })
    expect(securityReport(text)).toEqual({
      seeds: '',
      counts: { cases: 2, subjects: 1, 'other tests': 2 },
      violations: ['t c'],
      details: {},
    })
  })

  it('of the simulation', () => {
    const json = {
      from: 1,
      to: 9,
      seeds: 9,
      failed: [4],
      violations: 2,
      operations: 70,
      virtualMs: 7_200_000,
      faults: { a: 2, b: 3 },
      churn: { joins: 4, leaves: 2, kills: 1, stalls: 3 },
    }
    expect(simulationReport(JSON.stringify({ ...json, from: 4, to: 4 })).seeds).toBe('4')
    expect(simulationReport(JSON.stringify(json))).toEqual({
      seeds: '1-9',
      counts: {
        seeds: 9,
        operations: 70,
        faults: 5,
        'kinds of faults': 2,
        'joins and ends': 7,
        'members killed': 1,
        'members stalled': 3,
        'hours of virtual time': 2,
      },
      violations: ['2 violations; failed seeds: 4'],
      failedSeeds: [4],
      details: {},
    })
  })

  it('of fuzzing', () => {
    const target = (name: string, runs: number, failures: object[], opensFolders = false): object => ({
      target: name,
      opensFolders,
      runs,
      coverage: { reached: 5, total: 6 },
      failures,
    })
    const json = {
      seed: 3,
      targets: [
        target('varints', 10, []),
        target('frames', 7, [{ message: 'no end', input: 'ff' }]),
        target('folders', 2, [], true),
      ],
    }
    const { counts, violations, seeds } = fuzzReport(JSON.stringify(json))
    expect(counts).toEqual({
      targets: 3,
      runs: 19,
      'runs of each decoder': 7,
      'runs of each target that opens folders': 2,
    })
    expect([seeds, violations]).toEqual(['3', ['frames: no end; again with --target frames --input ff']])
  })

  it('of mutants', () => {
    const one = (mutant: string, kind: string): object => ({ mutant, kind, gate: 'a.test.ts', detail: 'why' })
    const { counts, violations } = mutantsReport(
      JSON.stringify([one('a', 'caught'), one('b', 'survived'), one('c', 'no gate')]),
    )
    expect(counts).toEqual({ mutants: 3, caught: 1 })
    expect(violations).toEqual(['b: survived (a.test.ts) why', 'c: no gate (a.test.ts) why'])
  })
})
