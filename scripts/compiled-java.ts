import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LibrariesUnavailable } from './maven-libraries.ts'

/**
 * Compiles the programs of a folder beside the jars that they use, unless that was done before.
 *
 * @returns the folder of their classes
 * @throws {LibrariesUnavailable} when there is no compiler
 */
export function compiledJava(sources: URL, jars: string): string {
  const files = readdirSync(sources).filter((name) => name.endsWith('.java'))
  const hash = createHash('sha256')
  for (const name of files) hash.update(readFileSync(new URL(name, sources)))
  const folder = join(jars, `classes-${hash.digest('hex').slice(0, 8)}`)
  if (existsSync(folder)) return folder
  // Into a folder of this process first, as for the libraries.
  const unfinished = `${folder}-${process.pid}`
  mkdirSync(unfinished)
  try {
    const paths = files.map((name) => fileURLToPath(new URL(name, sources)))
    const program = ['-nowarn', '-cp', join(jars, '*'), '-d', unfinished, ...paths]
    const { status, error, stderr } = spawnSync('javac', program, { encoding: 'utf8' })
    if (error) throw new LibrariesUnavailable(`There is no javac on the PATH: it comes with a JDK (${error.message})`)
    if (status !== 0) throw new Error(`the programs in ${fileURLToPath(sources)} do not compile:\n${stderr}`)
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}
