import { resolve } from 'node:path'
import type { DamagedRecords, FolderSize } from '@kafkado/broker/disk'
import type { Command } from 'commander'
import { counted } from '../counted.ts'
import { writeLine } from '../command-context.ts'

/** Maintenance of an engine's folder. Every command but `backup` needs the folder to itself. */
const examples = `
Examples:
  kafkado data verify ./data   # compare all records with their checksums; also on a read-only volume
  kafkado data compact ./data
  kafkado data backup ./data ./backup-2026-01-31   # also while a server uses the folder
  kafkado data restore ./backup-2026-01-31 ./data-restored
  kafkado data convert ./old-data
`

export function addData(program: Command): void {
  const data = program.command('data').description('maintain the folder of an engine').addHelpText('afterAll', examples)
  data
    .command('convert')
    .description(
      'convert a folder from LMDB or SQLite to a journal; it stays as it is until the journal is complete; ' +
        'exits with 1 if it found damage',
    )
    .argument('<folder>', 'the folder, not in use')
    .option('--json', 'print the result as one line of JSON')
    .action(convert)
  data
    .command('verify')
    .description(
      'compare a folder with its checksums, and change nothing; needs a journal; exits with 1 if it found damage',
    )
    .argument('<folder>', 'the folder, not in use')
    .option('--json', 'print the damage as one line of JSON')
    .action(verify)
  data
    .command('compact')
    .description('free the space that removed and replaced records still take in a journal')
    .argument('<folder>', 'the folder, not in use')
    .option('--json', 'print the sizes before and after as one line of JSON')
    .action(compact)
  data
    .command('backup')
    .description(
      'copy a folder as it is at one moment, even while a server uses it; needs a journal; ' +
        'exits with 1 if it found damage',
    )
    .argument('<folder>', 'the folder')
    .argument('<backup>', 'a new folder for the copy')
    .option('--json', 'print the copied content as one line of JSON')
    .action(backup)
  data
    .command('restore')
    .description('make a folder from a backup, after comparing its logs and groups with their checksums')
    .argument('<backup>', 'the folder of a backup')
    .argument('<folder>', 'a new folder')
    .option('--json', 'print the restored content as one line of JSON')
    .action(restore)
}

async function verify(folder: string, { json = false }: { json?: boolean }): Promise<void> {
  const place = resolve(folder)
  const { verifyFolder } = await import('@kafkado/broker/disk')
  const { verifiedBytes, damaged } = await verifyFolder(place)
  if (json) writeLine(JSON.stringify({ folder: place, verifiedBytes, damaged }))
  else {
    writeDamage(damaged)
    writeLine(`${verifiedBytes} bytes of ${place} were verified, ${damaged.length} places are damaged`)
  }
  if (damaged.length > 0) process.exitCode = 1
}

function writeDamage(damaged: readonly DamagedRecords[]): void {
  for (const { file, byte, records } of damaged) {
    const what = records
      ? `topic '${records.topic}' partition ${records.partition}, the batch that ends with offset ${records.lastOffset}`
      : 'from there on nothing of the file could be verified'
    writeLine(`${file} is damaged at byte ${byte}: ${what}`)
  }
}

async function compact(folder: string, { json = false }: { json?: boolean }): Promise<void> {
  const place = resolve(folder)
  const { compactFolder } = await import('@kafkado/broker/disk')
  const compacted = await compactFolder(place)
  const { bytesBefore, bytesAfter } = compacted
  if (json) writeLine(JSON.stringify({ folder: place, ...compacted }))
  else writeLine(`${place} takes ${bytesAfter} bytes now, ${bytesBefore} before`)
}

async function backup(folder: string, target: string, { json = false }: { json?: boolean }): Promise<void> {
  const [place, copy] = [resolve(folder), resolve(target)]
  const { backupFolder } = await import('@kafkado/broker/disk')
  const { damaged, ...size } = await backupFolder(place, copy)
  if (json) writeLine(JSON.stringify({ folder: place, backup: copy, ...size, damaged }))
  else {
    writeDamage(damaged)
    writeLine(`${copy} is a backup of ${place}: ${sizeText(size)}`)
  }
  if (damaged.length > 0) process.exitCode = 1
}

async function restore(source: string, folder: string, { json = false }: { json?: boolean }): Promise<void> {
  const [backup, place] = [resolve(source), resolve(folder)]
  const { restoreFolder } = await import('@kafkado/broker/disk')
  const size = await restoreFolder(backup, place)
  if (json) writeLine(JSON.stringify({ backup, folder: place, ...size }))
  else writeLine(`${place} holds what the backup ${backup} does: ${sizeText(size)}`)
}

function sizeText({ topics, partitions, batches, bytes }: FolderSize): string {
  return (
    `${counted(topics, 'topic')}, ${counted(partitions, 'partition')}, ` +
    `${counted(batches, 'batch')} of ${counted(bytes, 'byte')}`
  )
}

async function convert(folder: string, { json = false }: { json?: boolean }): Promise<void> {
  const place = resolve(folder)
  const { convertFolder } = await import('@kafkado/broker/disk')
  const converted = await convertFolder(place)
  const { from, damaged, ...size } = converted
  if (json) writeLine(JSON.stringify({ folder: place, ...converted }))
  else {
    for (const { file, topic, partition, offset, message } of damaged)
      writeLine(
        `${file} is damaged: topic '${topic}' partition ${partition}, the batch at offset ${offset}: ${message}; ` +
          'it was taken over as it is',
      )
    writeLine(
      `${place} is kept in a journal now, no longer in ${from === 'lmdb' ? 'LMDB' : 'SQLite'}: ${sizeText(size)}`,
    )
  }
  if (damaged.length > 0) process.exitCode = 1
}
