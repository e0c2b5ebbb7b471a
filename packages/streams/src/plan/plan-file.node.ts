import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unreadableFile } from '@kafkado/core/internal/node'
import { parsePlan } from './parse-plan.ts'
import type { Plan } from './plan.ts'

/** The plan of the last start; undefined when there was none. */
export async function readPlan(path: string): Promise<Plan | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadableFile(path, error)
  }
  return parsePlan(text, path)
}

/** Writes the whole file or nothing. */
export async function writePlan(path: string, plan: Plan): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(plan, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}
