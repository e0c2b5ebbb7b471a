import { markdownTable } from '../../scripts/markdown-table.ts'
import { mendedDetail, type Results, type RowResult } from './results.ts'
import { type Promised, promisedOf, type Row, type Size } from './rows/row.ts'

const head = `# Reliability

What is promised, and what was run. Every figure comes from the JSON of a run (\`reliability.json\` beside this file); \`npm run reliability\` writes both, and
what was never run says so. \`npm run reliability -- --list\` names the rows; \`npm run reliability -- ROW… --ci\` runs them at the size that CI runs
in its tests, and \`--seeds A-B\` repeats what a violation names.`

/** docs/reliability.md: the table, and what each row shows. */
export function scorecard(rows: readonly Row[], results: Results): string {
  const cells = [
    ['gate', 'promised', 'run', 'promised in CI', 'run at that size'],
    ...rows.map((row) => [
      row.gate,
      row.full.text,
      cell(row, 'full', results),
      row.ci?.text ?? '–',
      cell(row, 'ci', results),
    ]),
  ]
  return [head, markdownTable(cells), ...rows.map((row) => section(row, results))].join('\n\n') + '\n'
}

/** What a result lacks of what was promised, in words; undefined when it lacks nothing. */
export function lacks({ atLeast }: Promised, { counts }: RowResult): string | undefined {
  const missing = Object.entries(atLeast)
    .filter(([name, least]) => (counts[name] ?? 0) < least)
    .map(([name, least]) => `${number(counts[name] ?? 0)} of ${number(least)} ${name}`)
  return missing.length === 0 ? undefined : missing.join(', ')
}

function cell(row: Row, size: Size, results: Results): string {
  const promised = promisedOf(row, size)
  if (!promised) return '–'
  const result = results[row.name]?.[size]
  if (!result) return '**never run**'
  const figures = row.figures
    .filter((name) => name in result.counts)
    .map((name) => `${number(result.counts[name] ?? 0)} ${name}`)
  const lacking = lacks(promised, result)
  return [
    verdict(result),
    ...(lacking === undefined ? [] : [`**less than promised**: ${lacking}`]),
    figures.slice(0, 2).join(', '),
    ...(result.seeds === '' ? [] : [`seeds ${result.seeds}`]),
    commitsOf(result),
  ].join('; ')
}

/** What was run in parts may have been run on several, and on one of them more than once. */
function commitsOf({ commit }: RowResult): string {
  const commits = [...new Set(commit.split(', '))]
  return `${commits.length === 1 ? 'commit' : 'commits'} ${commits.join(', ')}`
}

function verdict({ violations, details }: RowResult): string {
  if (violations.length > 0) return `**${violations.length} violations**`
  return mendedDetail in details ? '0 violations since a mend (see below)' : '0 violations'
}

function section(row: Row, results: Results): string {
  const lines = [`## ${row.gate}`, '', `${row.shows} (\`npm run reliability -- ${row.name}\`)`, '']
  for (const size of ['full', 'ci'] as const) {
    const result = results[row.name]?.[size]
    if (result) lines.push(`- ${size === 'full' ? 'In full' : 'At the size of CI'}: ${told(row, size, result)}`)
    else if (promisedOf(row, size)) lines.push(`- ${size === 'full' ? 'In full' : 'At the size of CI'}: never run.`)
  }
  return lines.join('\n')
}

function told(row: Row, size: Size, result: RowResult): string {
  const counts = Object.entries(result.counts).map(([name, count]) => `${number(count)} ${name}`)
  const promised = promisedOf(row, size)
  const lacking = promised && lacks(promised, result)
  const details = Object.entries(result.details).map(([name, text]) => `${name}: ${text}`)
  const sentences = [
    `${verdict(result)} on ${result.date}, ${commitsOf(result)}, in` +
      ` ${duration(result.seconds)}${result.seeds === '' ? '' : `, seeds ${result.seeds}`}`,
    counts.join(', '),
    ...(lacking === undefined ? [] : [`less than promised: ${lacking}`]),
    ...(details.length === 0 ? [] : [details.join('; ')]),
  ]
  const violations = result.violations.slice(0, 20).map((violation) => `\n  - ${violation.split('\n')[0]}`)
  return `${sentences.filter(Boolean).join('. ')}.${violations.join('')}`
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

function number(count: number): string {
  return count.toLocaleString('en')
}
