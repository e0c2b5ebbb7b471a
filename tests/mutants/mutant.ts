import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The test file that is to catch a mutant. */
export interface Gate {
  /** Relative to the root of the repository. */
  readonly file: string
  /**
   * A regular expression for the full names of the tests that are run, so that a run is short; all of the file without
   * it.
   */
  readonly tests?: string
}

/** One line of the sources made wrong, in a way that breaks a promise. */
export interface Mutant {
  readonly name: string
  /** In one sentence, what goes wrong. */
  readonly breaks: string
  /** Relative to the root of the repository. */
  readonly file: string
  /**
   * Is there exactly once in the file, so that a change of the sources which makes the mutant pointless fails loudly.
   */
  readonly text: string
  readonly replacement: string
  readonly gate: Gate
  /**
   * With it, what the gate waits for never comes, so that a time limit ends it: one that follows from how long its
   * tests take without it, in place of the usual one, which leaves a busy machine all the time that it wants.
   */
  readonly isWaitedFor?: true
  /** Why CI leaves it to the full run, for those whose gate takes too long. */
  readonly notInCi?: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The absolute path of a file that a mutant or a gate names. */
export function pathOf(file: string): string {
  return root + file
}

/** @throws Error when the text is not there exactly once */
export function mutated({ name, file, text, replacement }: Mutant, source: string): string {
  const times = source.split(text).length - 1
  if (times !== 1)
    throw new Error(
      `the mutant ${name} no longer applies: its text is ${times} times in ${file}; say anew in tests/mutants what` +
        ` it is to break`,
    )
  return source.replace(text, () => replacement)
}

/** As it stands on the disk. */
export function sourceOf({ file }: Mutant): string {
  return readFileSync(pathOf(file), 'utf8')
}
