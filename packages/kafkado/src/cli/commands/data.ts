import { resolve } from 'node:path'
import { convertFolder, verifyFolder } from '@kafkado/broker/disk'
import type { Command } from 'commander'
import { writeLine } from '../command-context.ts'

/** What is done to the folder of an engine that nobody has open. */
export function addData(program: Command): void {
  const data = program.command('data').description('look after the folder of an engine')
  data
    .command('convert')
    .description(
      'take a folder that is kept in LMDB or SQLite over into a journal; it stays as it is until all is there',
    )
    .argument('<folder>', 'the folder, of which nobody else makes use')
    .option('--json', 'say what was taken over as one line of JSON')
    .action(convert)
  data
    .command('verify')
    .description(
      'compare everything that a folder keeps in a journal with its checksums; ends with 1 when something is damaged',
    )
    .argument('<folder>', 'the folder, of which nobody else makes use')
    .option('--json', 'say what is damaged as one line of JSON')
    .action(verify)
}

async function verify(folder: string, { json = false }: { json?: boolean }): Promise<void> {
  const place = resolve(folder)
  const { verifiedBytes, damaged } = await verifyFolder(place)
  if (json) writeLine(JSON.stringify({ folder: place, verifiedBytes, damaged }))
  else {
    for (const { file, byte, records } of damaged) {
      const what = records
        ? `topic '${records.topic}' partition ${records.partition}, the batch that ends with offset ${records.lastOffset}`
        : 'from there on nothing of the file could be verified'
      writeLine(`${file} is damaged at byte ${byte}: ${what}`)
    }
    writeLine(`${verifiedBytes} bytes of ${place} were verified, ${damaged.length} places are damaged`)
  }
  if (damaged.length > 0) process.exitCode = 1
}

async function convert(folder: string, { json = false }: { json?: boolean }): Promise<void> {
  const place = resolve(folder)
  const converted = await convertFolder(place)
  const { from, topics, partitions, batches, bytes } = converted
  if (json) writeLine(JSON.stringify({ folder: place, ...converted }))
  else
    writeLine(
      `${place} is kept in a journal now, no longer in ${from === 'lmdb' ? 'LMDB' : 'SQLite'}: ${topics} topics, ${partitions} partitions, ${batches} batches of ${bytes} bytes`,
    )
}
