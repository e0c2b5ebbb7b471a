import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { leaves, makeProgram } from './program.ts'

const nameOf = (command: Command): string =>
  command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()

/** Prints the help of a command, including what it inherits from its parents. */
async function helpOf(words: readonly string[]): Promise<string> {
  let help = ''
  const program = makeProgram().exitOverride()
  for (const command of [program, ...program.commands, ...leaves(program)])
    command.exitOverride().configureOutput({ writeOut: (text) => (help += text) })
  await program.parseAsync([...words, '--help'], { from: 'user' }).catch(() => undefined)
  return help
}

/** The words of each example as a shell splits them, without comments and pipes. */
function examplesIn(help: string): string[][] {
  const [, ...examples] = help.split(/\nExamples:\n/)
  return [...examples.join('\n').matchAll(/\bkafkado (.+?)(?: +#.*)?$/gm)].map(([, line]) => line?.split(' ') ?? [])
}

const commands = leaves(makeProgram())
  .map(nameOf)
  .filter((name) => name !== 'complete')

describe('the help of the command line', () => {
  it.each(commands)('has an example of %s that it understands', async (name) => {
    const examples = examplesIn(await helpOf(name.split(' ')))
    expect(examples.map((words) => words.join(' '))).toContainEqual(expect.stringMatching(`^${name}( |$)`))
    for (const words of examples) {
      const ran: string[] = []
      const program = makeProgram()
      for (const command of leaves(program)) command.action(() => void ran.push(nameOf(command)))
      await program.parseAsync(words, { from: 'user' })
      expect(ran, words.join(' ')).toHaveLength(1)
    }
  })
})
