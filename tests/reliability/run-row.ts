import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@kafkado/core'
import { reportWithoutPlaces, root } from './failure-text.ts'
import type { Report } from './report.ts'
import type { RowResult } from './results.ts'
import type { Row, RowRun } from './rows/row.ts'

/** Why a row cannot be run here, if it cannot. */
export function notRunnable(row: Row): string | undefined {
  if (!row.run) return 'there is nothing to run yet'
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  if (row.script !== undefined && !(row.script in scripts)) return `npm run ${row.script} is not there yet`
  return undefined
}

/** Runs a row to its end, with what it says shown as it comes. */
export async function runRow(row: Row, chosen: Pick<RowRun, 'size' | 'seeds' | 'targets'>): Promise<RowResult> {
  const startMs = systemClock.monotonic()
  const commit = commitOfTree()
  const folder = mkdtempSync(join(tmpdir(), 'kafkado-reliability-'))
  let count = 0
  const collect: RowRun['collect'] = async (command, environment) => {
    const file = join(folder, `${count++}.json`)
    // Their temporary folders are in ours, and go with it also when they are broken off.
    await runToEnd(command(file), { TMPDIR: folder, ...environment })
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  try {
    const report = await (row.run as (run: RowRun) => Promise<Report>)({ ...chosen, collect })
    const seconds = Math.round((systemClock.monotonic() - startMs) / 1000)
    return {
      ...reportWithoutPlaces(report),
      seconds,
      commit,
      date: new Date(systemClock.now()).toISOString().slice(0, 10),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function runToEnd([file = '', ...words]: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<void> {
  // What it prints is for who watches; the figures are in the file.
  const child = spawn(file, words, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  let interrupted: NodeJS.Signals | undefined
  const end = (signal: NodeJS.Signals): void => {
    interrupted = signal
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  try {
    await once(child, 'exit')
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end)
  }
  // What was broken off has neither shown anything nor failed.
  if (interrupted) throw new Error(`${interrupted}: broken off, and nothing is kept of it`)
}

/** The commit, and whether files are changed that a run may have used. What runs write themselves does not count. */
function commitOfTree(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!docs')
  return git('rev-parse', '--short=9', 'HEAD') + (changed === '' ? '' : '+')
}
