import type { Plugin } from 'vite'
import { allMutants } from './all-mutants.ts'
import { mutated, pathOf } from './mutant.ts'

/**
 * Names the mutant that the tests run with. Processes and worker threads that a test starts load the sources by
 * themselves, without it.
 */
export const mutantVariable = 'KAFKADO_MUTANT'
/** Is set to the mutant's name once its file was loaded. */
export const loadedVariable = 'KAFKADO_MUTANT_LOADED'

/** Puts a mutant's text in place of the real one while a file is loaded; nothing is changed on the disk. */
export function mutantPlugin(): Plugin {
  return {
    name: 'kafkado-mutant',
    enforce: 'pre',
    transform(code, id) {
      const name = process.env[mutantVariable]
      if (!name) return undefined
      const mutant = allMutants.find((one) => one.name === name)
      if (!mutant) throw new Error(`${mutantVariable} names no mutant of tests/mutants: ${name}`)
      if (id !== pathOf(mutant.file)) return undefined
      process.env[loadedVariable] = name
      return { code: mutated(mutant, code), map: null }
    },
  }
}
