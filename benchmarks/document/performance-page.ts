import { markdownTable } from '../../scripts/markdown-table.ts'
import { figuresText, shown } from '../targets/print-row.ts'
import { machines } from './machines.ts'
import type { KeptRow, Results } from './results.ts'
import { rowsInOrder } from './rows-in-order.ts'

/** docs/performance.md. @param plots the names of those that there are */
export function performancePage(results: Results, plots: readonly string[]): string {
  const rows = rowsInOrder(results)
  const plot = (name: string, text: string): string[] =>
    plots.includes(name) ? [`![${text}](performance/${name}.svg)`] : []
  return (
    [
      head,
      '## Where and when',
      machines(results),
      '## Method',
      method,
      '## Targets',
      targetsText,
      ...plot('targets', 'Each target, and how much of it is reached'),
      markdownTable([
        ['row', 'what', 'against', 'measured', 'rounds', 'target', ''],
        ...rows.map((row) => [
          `\`${row.name}\``,
          row.what,
          row.sides.length === 1
            ? '–'
            : row.sides
                .slice(1)
                .map(({ name }) => name.replace(/: .*?(?=( \d|$))/, ''))
                .join(', '),
          `${shown(row.value)} ${row.unit}`,
          `${shown(row.least)}–${shown(row.most)}`,
          `${row.bound} ${row.target}`,
          row.isMet ? 'met' : '**missed**',
        ]),
      ]),
      '## Beside other clients, on Apache Kafka',
      kafkaText,
      ...plot('kafka', 'Records a second of each client on one broker'),
      ...plot('kafka-cpu', 'CPU time a record of each client on one broker'),
      ...plot('codec', 'CPU time of writing and reading a record in a batch'),
      '## A server of kafkado beside a broker',
      wholeText,
      ...plot('whole', 'Records a second over a server of kafkado and over a broker'),
      '## Latency',
      latencyText,
      ...plot('latency', 'Median latency of a single send'),
      '## Growth',
      growthText,
      ...plot('growth-partitions', 'What a record costs with more partitions'),
      ...plot('growth-topics', 'What topics cost as there are more'),
      ...plot('growth-groups', 'What groups and producers cost as there are more'),
      ...plot('growth-record-size', 'What a kilobyte costs in larger records'),
      '## Both sides of each row',
      'The middle of each figure over the rounds, ours first.',
      ...groupedBySettings(rows),
    ].join('\n\n') + '\n'
  )
}

/** What was measured together stands together. */
function groupedBySettings(rows: readonly KeptRow[]): string[] {
  const groups = Map.groupBy(rows, ({ settings, warmUp }) => `${settings} Warm-up: ${warmUp}.`)
  return [...groups].map(([settings, together]) =>
    [
      settings,
      '',
      ...together.map(({ name, judgedBy, sides }) =>
        [`- \`${name}\` (${judgedBy})`, ...sides.map((side) => `  - ${side.name}: ${figuresText(side.figures)}`)].join(
          '\n',
        ),
      ),
    ].join('\n'),
  )
}

const head = `# Performance

What records cost here, beside what they cost elsewhere. Every figure comes from \`performance.json\` beside this file. \`npm run bench -- targets --keep\` and
\`npm run bench -- growth --keep\` measure again and write all of it; \`npm run bench -- document\` writes this page from the figures that are there.
\`npm run kafkado -- bench --url URL\` measures your own server or cluster.`

const method = `- Both sides of a row do the same work in the same run. They take turns, round by round, and a row tells the median of the rounds' ratios,
  with the least and the greatest of them. Other work of the machine meets both sides, so trust ratios before absolute figures.
- Each side is warmed up first, and works in a process of its own, except where the work is one function (encode, decode) or one request.
- CPU time is that of the whole process, with garbage collection and all threads.
- Durability is the same on both sides: where one syncs before it acknowledges, so does the other.
- Ours is used by its public interface with default settings; where a row needs another setting, it says so. The others are called in the fastest way
  that their documentation shows, with the number of calls in flight at which they were fastest. \`benchmarks/kafka\` has the code for each of them.
- The broker of Apache Kafka compiles as in production (both of Java's compilers) and was warmed up.`

const targetsText = `\`npm run bench -- targets ROW\` measures one row, \`npm run bench -- targets\` the whole table, \`npm run bench -- --quick\` the same with short rounds.
Most targets are shares of a limit: of \`JSON.stringify\` alone, of a raw file with a sync, of \`node:http\` that only reads. They were set before
the work began, and missed ones stand.`

const kafkaText = `The same topics, partitions, batch sizes, fetch sizes and acknowledgements for all. Batches are not numbered here, because numbering takes
pipelining from two of the others; \`npm run bench -- kafka\` also measures with it. All read the same topic, which one of the others has written.
kafkajs has no way to send records one by one in batches, so it is not in that row. Confluent's client needs a compiler to be built here
(\`benchmarks/kafka/build-confluent.ts\`), and is in the rows that were measured where it was.`

const wholeText = `\`kafkado serve\` on a folder and our client over HTTP, against one broker of Apache Kafka and other clients for Node. A broker does not sync by
default: it relies on replicas. With one broker and \`flush.messages=1\` it gives what a single kafkado server gives, so that is the comparison. A cluster of
three brokers without syncs is a different promise, and often a faster one. A broker syncs the log of each partition by itself, a kafkado server one journal for
all of them, which counts most on disks that are slow to sync. The others have as many calls in flight as were fastest on a broker that does not sync
(\`KAFKADO_BENCH_CALLS\` tries another number).`

const latencyText = `One record at a time with \`lingerMs: 0\`, each awaited, against the bare request of the same bytes, with a bare write and sync where records are
durable. Under load latency is a matter of queues: \`kafkado bench\` shows that of your server.`

const growthText = `Client and engine are in one process and in memory, so a curve has the work of both. Each point is one run after a warm-up; a step that costs half as much
again for each element is printed as worse than linear by \`npm run bench -- growth\`. Tests count the work of the same paths, independent of time (\`tests/growth\`).`
