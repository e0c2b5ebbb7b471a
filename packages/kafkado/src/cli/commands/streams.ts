import type { Command } from 'commander'
import { counted } from '../counted.ts'
import { type CommonOptions, withClient, writeLine } from '../command-context.ts'
import { positionOf } from '../position.ts'
import { plan } from './streams-plan.ts'
import { table } from '../table.ts'

interface ResetOptions extends CommonOptions {
  readonly application: string
  readonly to: string
  readonly intermediateTopics?: readonly string[]
  readonly internalTopics?: readonly string[]
  readonly dryRun?: boolean
  readonly force?: boolean
}

const examples = `
Examples:
  kafkado streams plan ./totals.ts   # the topology, and why each internal topic exists
  kafkado streams plan ./totals.ts --application totals --url http://localhost:8080
  kafkado streams reset --application totals --dry-run
  kafkado streams reset --application totals --to 2026-01-31T12:00:00Z
`

export function addStreams(program: Command): void {
  const streams = program
    .command('streams')
    .description('show the topology of a streams application, or reset the application')
    .addHelpText('afterAll', examples)
  streams
    .command('plan')
    .argument('<module>', 'a module whose default export builds the topology: (s) => …')
    .description(
      'print a topology, its internal topics and why they exist, and its changes; ' +
        'with --url also the state of the server before a start',
    )
    .option('--application <name>', 'the name of the application; default: the name in the plan file')
    .option('--plan-file <file>', 'the planFile of the application, to compare with')
    .option('--json', 'print JSON')
    .action(plan)
  streams
    .command('reset')
    .description('let an application begin anew: reset its offsets and delete its internal topics')
    .requiredOption('--application <name>', 'the name of the application; stop it first')
    .option('--to <position>', 'earliest, latest, an offset, or a time such as 2026-01-31T12:00:00Z', 'earliest')
    .option('--intermediate-topics <topic...>', 'topics of through(); the application continues at their end')
    .option('--internal-topics <topic...>', 'the internal topics to delete; default: all of its own')
    .option('--dry-run', 'print the steps without doing them')
    .option('--force', 'remove remaining members from the group')
    .option('--json', 'print JSON')
    .action(reset)
}

async function reset(options: ResetOptions): Promise<void> {
  const { application, intermediateTopics = [], internalTopics } = options
  const { dryRun: isDryRun = false, force: isForced = false } = options
  const to = positionOf(options.to)
  const report = await withClient(options, async (_kafka, transport) => {
    const { resetApplication } = await import('@kafkado/streams/internal')
    return resetApplication(transport, application, { to, intermediateTopics, internalTopics, isDryRun, isForced })
  })
  if (options.json) {
    writeLine(JSON.stringify({ ...report, isDryRun }))
    return
  }
  const [would, were] = isDryRun ? ['would be ', 'would be'] : ['', report.removedMembers.length === 1 ? 'was' : 'were']
  if (report.removedMembers.length > 0) writeLine(`${counted(report.removedMembers.length, 'member')} ${were} removed`)
  if (report.offsets.length === 0) writeLine('no offsets: it has read nothing that is still there')
  else
    writeLine(
      table(
        ['topic', 'partition', 'offset'],
        report.offsets.map(({ topic, partition, offset }) => [topic, partition, offset]),
      ),
    )
  for (const topic of report.deletedTopics) writeLine(`${would}deleted topic ${topic}`)
  writeLine(`if it has a stateDirectory, delete the folder '${application}' in it before the next start`)
}
