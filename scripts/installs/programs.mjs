import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'

const programs = join(dirname(fileURLToPath(import.meta.url)), 'programs')

/** Puts a program that uses the package into the folder, or one that imports it where there is none. */
export function putProgram(folder, name) {
  const program = join(folder, 'program.mjs')
  const written = join(programs, `${name.split('/').at(-1)}.mjs`)
  if (existsSync(written)) copyFileSync(written, program)
  else
    writeFileSync(
      program,
      `import * as all from '${name}'\nconsole.log(Object.keys(all).length > 0 ? 'used' : 'empty')\n`,
    )
  return './program.mjs'
}

/** What is wrong: a program ends with the line `used`, and says nothing on standard error, where warnings would stand. */
export async function use(folder, command, server, environment = {}) {
  const { status, stdout, stderr } = await run(folder, command, { KAFKADO_SERVER: server, ...environment }, 120_000)
  if (status === 0 && /(^|\n)used\n$/.test(stdout) && stderr === '') return []
  return [
    `ended with ${status}`,
    ...`${stdout}${stderr}`
      .trim()
      .split('\n')
      .slice(0, 16)
      .map((line) => line.slice(0, 200)),
  ]
}
