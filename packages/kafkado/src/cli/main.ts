#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { complain, messageOf } from './command-context.ts'
import { addConsume } from './consume.ts'
import { addData } from './data.ts'
import { addGroups } from './groups.ts'
import { addProduce } from './produce.ts'
import { addServe } from './serve.ts'
import { addStreams } from './streams.ts'
import { addTopics } from './topics.ts'

const wrongUsage = 2

function makeProgram(): Command {
  const program = new Command('kafkado')
    .description('Kafka semantics with nothing to operate')
    .configureOutput({ writeErr: (text) => complain(text.trim().replace(/^error: /, '')) })
    .showHelpAfterError(false)
    .exitOverride()
  for (const add of [addServe, addProduce, addConsume, addTopics, addGroups, addStreams, addData]) add(program)
  for (const command of leaves(program)) {
    command.exitOverride().configureOutput(program.configureOutput())
    // They open what they work on by themselves.
    if (command.name() === 'serve' || command.parent?.name() === 'data') continue
    command.option(
      '--url <url>',
      'memory:, file:FOLDER, http(s)://… or kafka://BROKERS; default KAFKA_DO_URL, or else http://localhost:8080',
    )
    command.option('--api-key <key>', 'default KAFKA_DO_API_KEY')
    command.option('--wait <duration>', 'how long to wait for a server that does not answer yet', '30s')
  }
  return program
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

/** A reader that has seen enough, such as `head`, is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await makeProgram().parseAsync()
} catch (error) {
  // Commander has said what is wrong; help and version are no errors.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : wrongUsage
  else {
    complain(messageOf(error))
    process.exitCode = 1
  }
}
