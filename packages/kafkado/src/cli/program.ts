import { readFileSync } from 'node:fs'
import tab from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { complain } from './command-context.ts'
import { addBench } from './commands/bench.ts'
import { addConsume } from './commands/consume.ts'
import { addData } from './commands/data.ts'
import { addGroups } from './commands/groups.ts'
import { addKeys } from './commands/keys.ts'
import { addProduce } from './commands/produce.ts'
import { addServe } from './commands/serve.ts'
import { addStreams } from './commands/streams.ts'
import { addTopics } from './commands/topics.ts'

const examples = `
Examples:
  kafkado serve --data ./data                                  serve a folder on http://localhost:8080
  kafkado topics create orders --partitions 3
  kafkado produce orders orders.csv --key customerId
  kafkado consume orders --group mailer --until-end
  kafkado groups describe mailer
  kafkado topics list --url kafka://b1:9092                    the same with an Apache Kafka cluster

kafkado help COMMAND explains a command. For completion in a shell: source <(kafkado complete bash)
`

const commands = [addServe, addProduce, addConsume, addTopics, addGroups, addStreams, addData, addKeys, addBench]

/** Makes the command line with all commands and their common options. */
export function makeProgram(): Command {
  const program = new Command('kafkado')
    .description('Kafka semantics with nothing to operate')
    .version(version(), '--version', 'print the version')
    .addHelpText('after', examples)
    .configureOutput({ writeErr })
    .showHelpAfterError(false)
    .exitOverride()
  for (const add of commands) add(program)
  for (const command of leaves(program)) {
    command.exitOverride().configureOutput(program.configureOutput())
    // These commands open an engine, a folder or a file themselves.
    if (command.name() === 'serve' || ['data', 'keys'].includes(command.parent?.name() ?? '')) continue
    command.option(
      '--url <url>',
      'memory:, file:FOLDER, http(s)://… or kafka://BROKERS; default: KAFKA_DO_URL, else http://localhost:8080',
    )
    command.option('--api-key <key>', 'the API key; default: KAFKA_DO_API_KEY')
    command.option('--wait <duration>', 'how long to wait for a server that does not answer yet', '30s')
  }
  // `complete` prints a script for a shell. The script calls `complete -- WORDS` to learn the next words.
  tab(program)
  const completion = program.commands.find((command) => command.name() === 'complete')
  completion?.description('print a completion script for bash, zsh, fish or PowerShell')
  return program
}

/** The package's version. Its package.json is two folders up, from `src/cli` and from `dist/cli` alike. */
function version(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}

/** Prints errors as one line. The help for a command without its subcommand stays as it is. */
function writeErr(text: string): void {
  if (text.startsWith('error: ')) complain(text.trim().replace(/^error: /, ''))
  else process.stderr.write(text)
}

/** The commands that can run: `topics create`, but not `topics`. */
export function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}
