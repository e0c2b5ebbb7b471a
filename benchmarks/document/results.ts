import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Row } from '../targets/row.ts'

/** Where and when figures were measured. */
export interface Run {
  readonly date: string
  /** With `+` when files were changed. */
  readonly commit: string
  readonly machine: string
  /** How many processes wanted to run per core, before the run and after it: beyond 1 the machine had other work. */
  readonly loadPerCore: { readonly before: number; readonly after: number }
  readonly isQuick: boolean
}

export interface KeptRow extends Row {
  readonly run: Run
}

/** What each element costs as their number grows. */
export interface GrowthCurve {
  readonly dimension: string
  readonly what: string
  readonly unit: string
  readonly points: readonly { readonly size: number; readonly cost: number }[]
  readonly run: Run
}

export interface Results {
  readonly rows: Readonly<Record<string, KeptRow>>
  /** By dimension and what is measured. */
  readonly growth: Readonly<Record<string, GrowthCurve>>
}

const file = fileURLToPath(new URL('../../docs/performance.json', import.meta.url))

export function readResults(): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : { rows: {}, growth: {} }
}

export function keepRows(rows: readonly Row[], run: Run): void {
  const results = readResults()
  write({ ...results, rows: { ...results.rows, ...byName(rows.map((row) => [row.name, rounded({ ...row, run })])) } })
}

export function keepGrowth(curves: readonly GrowthCurve[]): void {
  const results = readResults()
  const named = curves.map((curve) => [`${curve.dimension}: ${curve.what}`, rounded(curve)] as const)
  write({ ...results, growth: { ...results.growth, ...byName(named) } })
}

/** What is true of a run that ends now. */
export function runNow(isQuick: boolean, loadBefore: number): Run {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commitNow(),
    machine: machineText(),
    loadPerCore: { before: loadBefore, after: loadPerCore() },
    isQuick,
  }
}

export function loadPerCore(): number {
  return Math.round(((loadavg()[0] ?? 0) / cpus().length) * 10) / 10
}

function machineText(): string {
  const model = cpus()[0]?.model.replaceAll(/\s+/g, ' ').trim()
  return (
    `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GB of memory, ` +
    `${process.platform} ${process.arch}, Node ${process.versions.node}`
  )
}

function commitNow(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim()
  return `${git('rev-parse', '--short=9', 'HEAD')}${git('status', '--porcelain', '--', '.', ':!docs/performance*') === '' ? '' : '+'}`
}

function byName<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries)
}

function write(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
}

/** Four digits: the others say nothing. */
function rounded<T>(value: T): T {
  const text = JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'number' ? Number(one.toPrecision(4)) : one,
  )
  return JSON.parse(text) as T
}
