import type { Figures } from './comparison.ts'
import type { Row } from './row.ts'

/** A row of the table, with what both sides did below it. */
export function printRow(row: Row): void {
  const verdict = row.isMet ? 'met' : 'MISSED'
  const spread = `${shown(row.least)}–${shown(row.most)}`
  console.log(`\n${row.name}: ${row.what}`)
  console.log(
    `  ${shown(row.value)} ${row.unit} (${spread} in ${row.rounds} rounds), target ${row.bound} ${row.target} ` +
      `${row.unit}: ${verdict}; ${row.judgedBy}`,
  )
  for (const { name, figures } of row.sides) console.log(`  ${name.padEnd(32)} ${figuresText(figures)}`)
  console.log(`  ${row.settings} Warm-up: ${row.warmUp}.`)
}

const units: Readonly<Record<string, string>> = {
  recordsPerSecond: 'records/s',
  cpuUs: 'µs of CPU a record',
  p50Us: 'µs p50',
  p99Us: 'µs p99',
  appendsPerSecond: 'appends/s',
  cpuUsPerAppend: 'µs of CPU an append',
  syncsPerAppend: 'syncs an append',
  writtenPerByte: 'bytes written a byte',
  bytesReadPerSecond: 'bytes read/s',
  producedPerSecond: 'records produced/s',
  consumedPerSecond: 'records consumed/s',
  serverCpuUs: 'µs of server CPU a record',
  kilobytes: 'KB each',
  cpuMs: 'ms of CPU',
  elapsedMs: 'ms',
  megabytes: 'MB',
}

export function figuresText(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => (name in units ? `${shown(value)} ${units[name]}` : `${name}: ${shown(value)}`))
    .join(', ')
}

/** With three digits that say something. */
export function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
