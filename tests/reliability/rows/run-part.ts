import { fileURLToPath } from 'node:url'
import type { PartName } from '../parts.ts'
import { type Report, seedsText } from '../report.ts'
import type { RowRun } from './row.ts'

const partProcess = fileURLToPath(new URL('../part-process.ts', import.meta.url))

/** Runs a part in a process of its own. */
export const runPart =
  (name: PartName) =>
  async ({ size, seeds, collect }: RowRun): Promise<Report> => {
    const nodeOptions = ['--conditions=kafkado-source', '--expose-gc']
    const chosen = seeds ? [seedsText(seeds)] : []
    const text = await collect((file) => [process.execPath, ...nodeOptions, partProcess, name, size, file, ...chosen])
    return text === undefined ? endedWithoutReport(name) : (JSON.parse(text) as Report)
  }

/** A run that says nothing has shown nothing. */
export function endedWithoutReport(name: string): Report {
  return { seeds: '', counts: {}, violations: [`${name} ended without a report`], details: {} }
}
