import type { Report } from '../report.ts'
import type { Row, RowRun, Size } from './row.ts'
import { endedWithoutReport } from './run-part.ts'
import { reporting, vitest, type VitestReport } from './vitest-report.ts'

const wanted = { memory: 300, disk: 300, 'HTTP to memory': 300, 'HTTP to disk': 300 }

export const conformance: Row = {
  name: 'conformance',
  gate: 'Conformance: the same cases at every place',
  full: {
    text: '300 cases each: memory, disk, HTTP to memory, HTTP to disk, Apache Kafka, HTTP to Apache Kafka',
    atLeast: { ...wanted, 'Apache Kafka': 300, 'HTTP to Apache Kafka': 300 },
  },
  ci: { text: '300 cases each; Kafka where it can be installed', atLeast: wanted },
  figures: [...Object.keys(wanted), 'Apache Kafka', 'HTTP to Apache Kafka'],
  shows:
    'The same cases say what a client sees of every operation, at every place. ' +
    'Those that also pass on Apache Kafka itself show that our answers are its answers, as far as the cases ask. ' +
    'Where Apache Kafka cannot be installed (it needs Java and Maven), its columns are absent.',
  run: runConformance,
}

async function runConformance({ size, collect }: RowRun): Promise<Report> {
  const here = await collect((file) => [
    process.execPath,
    vitest,
    'run',
    ...reporting(file),
    '--project',
    'tests',
    'transport-conformance',
  ])
  const kafka = await collect(
    (file) => [
      process.execPath,
      '--conditions=kafkado-source',
      'scripts/kafka/test.ts',
      'conformance',
      ...reporting(file),
    ],
    // Without Apache Kafka it is left out, and does not fail.
    { CI: 'true' },
  )
  if (here === undefined) return endedWithoutReport('conformance')
  return conformanceReport([here, ...(kafka === undefined ? [] : [kafka])], size)
}

/** What the files that vitest has written come to: how many cases passed at each place, and which did not. */
export function conformanceReport(texts: readonly string[], size: Size): Report {
  const counts: Record<string, number> = {}
  const violations: string[] = []
  for (const { testResults } of texts.map((text) => JSON.parse(text) as VitestReport)) {
    for (const { message, assertionResults } of testResults) {
      if (message !== '') violations.push(message)
      for (const { ancestorTitles, fullName, status } of assertionResults) {
        const place = ancestorTitles[0] ?? ''
        if (status === 'passed') counts[place] = (counts[place] ?? 0) + 1
        else if (status === 'failed') violations.push(`${size}: ${fullName}`)
      }
    }
  }
  const kafka = 'Apache Kafka' in counts ? 'was started for it' : 'could not be installed where this ran'
  return { seeds: '', counts, violations, details: { 'Apache Kafka': kafka } }
}
