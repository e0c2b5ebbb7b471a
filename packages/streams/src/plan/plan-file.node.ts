import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvalidRequestError } from '@kafkado/core'
import type { Plan } from './plan.ts'

/** The plan of the last start; undefined when there was none. */
export async function readPlan(path: string): Promise<Plan | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Plan
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new InvalidRequestError(`the plan ${path} cannot be read: ${String(error)}; restore the file, or remove it`, {
      cause: error,
    })
  }
}

/** Writes the whole file or nothing. */
export async function writePlan(path: string, plan: Plan): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(plan, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}
