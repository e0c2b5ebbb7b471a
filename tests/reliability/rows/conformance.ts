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
  ci: { text: '300 cases each; `npm run test:kafka` has those on Apache Kafka', atLeast: wanted },
  figures: [...Object.keys(wanted), 'Apache Kafka', 'HTTP to Apache Kafka'],
  shows:
    'The same cases say what a client sees of every operation, at every place. ' +
    'Those that also pass on Apache Kafka itself show that our answers are its answers, as far as the cases ask. ' +
    'In full the row starts Apache Kafka, where it can be installed (it needs Java and Maven). At the size of CI it ' +
    'asks the one that KAFKA_BROKERS names, as the cases on Apache Kafka are also a part of `npm run test:kafka`, ' +
    'which CI runs beside it. Its columns are absent where there was none.',
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
  const asksKafka = size === 'full' || process.env['KAFKA_BROKERS'] !== undefined
  const kafka = asksKafka ? await runOnKafka(collect) : undefined
  if (here === undefined) return endedWithoutReport('conformance')
  return conformanceReport([here, ...(kafka === undefined ? [] : [kafka])], size)
}

/** Where it cannot be had, it is left out, and does not fail. */
function runOnKafka(collect: RowRun['collect']): Promise<string | undefined> {
  const run = [process.execPath, '--conditions=kafkado-source', 'scripts/kafka/test.ts', 'conformance']
  return collect((file) => [...run, ...reporting(file)], { CI: 'true' })
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
  return {
    seeds: '',
    counts,
    violations,
    details: { 'Apache Kafka': 'Apache Kafka' in counts ? 'was asked' : 'was not asked' },
  }
}
