import type { Command } from 'commander'
import { counted } from '../counted.ts'
import { type CommonOptions, withClient, writeLine } from '../command-context.ts'
import { positionOf } from '../position.ts'
import { table } from '../table.ts'

const examples = `
Examples:
  kafkado groups list
  kafkado groups describe mailer   # members, committed offsets and lag
  kafkado groups reset-offsets mailer orders earliest   # read everything again; the group must have no members
  kafkado groups reset-offsets mailer orders 2026-01-31T12:00:00Z
  kafkado groups delete mailer
`

export function addGroups(program: Command): void {
  const groups = program
    .command('groups')
    .description('list, describe, reset and delete consumer groups')
    .addHelpText('afterAll', examples)
  groups.command('list').option('--json', 'print JSON').action(list)
  groups.command('describe').argument('<group>').option('--json', 'print JSON').action(describe)
  groups
    .command('reset-offsets')
    .argument('<group>')
    .argument('<topic>')
    .argument('<position>', 'earliest, latest, an offset, or a time such as 2026-01-31T12:00:00Z')
    .option('--json', 'print JSON')
    .action(reset)
  groups.command('delete').argument('<group>').action(remove)
}

async function list(options: CommonOptions): Promise<void> {
  const groups = await withClient(options, (kafka) => kafka.admin.listGroups())
  writeLine(
    options.json
      ? JSON.stringify(groups)
      : table(
          ['group', 'state'],
          groups.map(({ id, state }) => [id, state]),
        ),
  )
}

async function describe(id: string, options: CommonOptions): Promise<void> {
  const group = await withClient(options, (kafka) => kafka.admin.describeGroup(id))
  if (options.json) {
    writeLine(JSON.stringify(group))
    return
  }
  writeLine(`${group.id}: ${group.state}, ${counted(group.members.length, 'member')}, lag ${group.totalLag}`)
  const rows = group.offsets.map(({ topic, partition, committed, latest, lag }) => [
    topic,
    partition,
    committed ?? '-',
    latest,
    lag,
  ])
  writeLine(table(['topic', 'partition', 'committed', 'latest', 'lag'], rows))
}

async function reset(group: string, topic: string, position: string, options: CommonOptions): Promise<void> {
  const offsets = await withClient(options, (kafka) => kafka.admin.resetOffsets(group, topic, positionOf(position)))
  const rows = [...offsets].map(([partition, offset]) => ({ topic, partition, offset }))
  writeLine(
    options.json
      ? JSON.stringify(rows)
      : table(
          ['topic', 'partition', 'offset'],
          rows.map((row) => [row.topic, row.partition, row.offset]),
        ),
  )
}

async function remove(group: string, options: CommonOptions): Promise<void> {
  await withClient(options, (kafka) => kafka.admin.deleteGroup(group))
  writeLine(`deleted group ${group}`)
}
