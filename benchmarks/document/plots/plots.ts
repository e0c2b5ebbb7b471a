import { shown } from '../../targets/print-row.ts'
import type { RowSide } from '../../targets/row.ts'
import type { GrowthCurve, KeptRow, Results } from '../results.ts'
import { rowsInOrder } from '../rows-in-order.ts'
import { type Bar, barPlot } from './bar-plot.ts'
import { colours } from './draw.ts'
import { linePlot } from './line-plot.ts'

/** The SVG files of docs/performance/, by their names. A plot whose rows were never measured is left out. */
export function plots(results: Results): Record<string, string> {
  const made: Record<string, string | undefined> = {
    targets: targetsPlot(rowsInOrder(results)),
    kafka: figuresPlot('kafka', results, 'recordsPerSecond', {
      title: 'On one broker of Apache Kafka: records a second',
      subtitle: 'Values of 200 bytes with keys, 6 partitions, acknowledged by all. Longer is better.',
      rows: {
        'kafka-produce-calls': 'produce, calls of 100 records',
        'kafka-produce-single': 'produce, one by one',
        'kafka-consume-bytes': 'consume bytes',
        'kafka-consume-parsed': 'consume and JSON.parse',
      },
    }),
    'kafka-cpu': figuresPlot('kafka-cpu', results, 'cpuUs', {
      title: 'On one broker of Apache Kafka: CPU time of the client',
      subtitle: 'Microseconds a record, all threads of the process. Shorter is better.',
      rows: {
        'kafka-produce-calls': 'produce, calls of 100 records',
        'kafka-produce-single': 'produce, one by one',
        'kafka-consume-bytes': 'consume bytes',
        'kafka-consume-parsed': 'consume and JSON.parse',
      },
    }),
    whole: figuresPlot('whole', results, 'recordsPerSecond', {
      title: 'From a producer over a disk to a consumer: records a second',
      subtitle: 'Synced before they are acknowledged: kafkado serve on a folder, Apache Kafka with flush.messages=1.',
      rows: { whole: 'produce and consume', 'whole-produce': 'produce', 'whole-consume': 'consume, JSON.parse' },
      figures: { 'whole-produce': 'producedPerSecond', 'whole-consume': 'consumedPerSecond' },
    }),
    codec: figuresPlot('codec', results, 'cpuUs', {
      title: 'Writing and reading record batches',
      subtitle: 'Microseconds of CPU a record of 200 bytes, batches of 100. Shorter is better.',
      rows: {
        'encode-100-kafkajs': 'encode',
        'encode-100-platformatic': 'encode',
        'stringify-100-platformatic': 'JSON.stringify and encode',
        'stringify-100-kafkajs': 'JSON.stringify and encode',
        'decode-100': 'decode to bytes',
        'parse-100': 'decode and JSON.parse',
      },
    }),
    latency: figuresPlot('latency', results, 'p50Us', {
      title: 'A send when nothing else goes on: median latency',
      subtitle: 'Microseconds until the acknowledgement, against the bare round trip and sync. Shorter is better.',
      rows: {
        'idle-http-memory-p50': 'over HTTP to memory',
        'idle-http-disk-p50': 'over HTTP to disk',
        'idle-file-p50': 'to a folder in the process',
      },
    }),
    ...growthPlots(Object.values(results.growth)),
  }
  return Object.fromEntries(Object.entries(made).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Each target as a share of what it asks for: from 1 on it is met. */
function targetsPlot(rows: readonly KeptRow[]): string | undefined {
  if (rows.length === 0) return undefined
  const share = (row: KeptRow): number => (row.bound === 'at least' ? row.value / row.target : row.target / row.value)
  const bars = rows.map((row): Bar => ({
    name: row.name,
    value: share(row),
    label: `${shown(row.value)} ${row.unit}, ${row.bound} ${row.target}`,
    colour: row.isMet ? colours.ours : colours.missed,
  }))
  return barPlot('targets', {
    title: 'Targets, and how much of each is reached',
    subtitle: 'Blue reaches the line, orange does not. Bars end at twice the target.',
    groups: [{ name: '', bars }],
    line: { at: 1, label: 'target' },
    most: 2,
  })
}

interface FiguresPlot {
  readonly title: string
  readonly subtitle: string
  /** The rows whose sides are drawn, with the heading of each. Rows of one heading are drawn together. */
  readonly rows: Readonly<Record<string, string>>
  /** Of rows that are drawn by another figure. */
  readonly figures?: Readonly<Record<string, string>>
}

/** One figure of both sides. */
function figuresPlot(
  name: string,
  results: Results,
  figure: string,
  { title, subtitle, rows, figures = {} }: FiguresPlot,
): string | undefined {
  const groups = new Map<string, Map<string, Bar>>()
  for (const [row, heading] of Object.entries(rows)) {
    const [ours, ...others] = results.rows[row]?.sides ?? []
    if (!ours) continue
    const bars = groups.get(heading) ?? new Map<string, Bar>()
    for (const side of [ours, ...others])
      if (!bars.has(nameOf(side))) bars.set(nameOf(side), barOf(side, figures[row] ?? figure, side === ours))
    groups.set(heading, bars)
  }
  if (groups.size === 0) return undefined
  return barPlot(name, {
    title,
    subtitle,
    groups: [...groups].map(([heading, bars]) => ({ name: heading, bars: [...bars.values()] })),
  })
}

/** The sides of the broker's rows have the scenario in their name, between that of the client and its version. */
function nameOf({ name }: RowSide): string {
  const [, client, , version = ''] = /^([^:]+)(: .*?)( \d[\w.-]*)?$/.exec(name) ?? []
  return client === undefined ? name : `${client}${version}`
}

function barOf(side: RowSide, figure: string, isOurs: boolean): Bar {
  const value = side.figures[figure] ?? Number.NaN
  return { name: nameOf(side), value, label: shown(value), colour: isOurs ? colours.ours : colours.others }
}

interface GrowthPlot {
  readonly title: string
  readonly dimensions: readonly string[]
  readonly sizes: string
}

const growing: Readonly<Record<string, GrowthPlot>> = {
  'growth-partitions': {
    title: 'What more partitions cost',
    dimensions: ['partitions', 'joining'],
    sizes: 'partitions of a topic',
  },
  'growth-topics': { title: 'What more topics cost', dimensions: ['topics'], sizes: 'topics' },
  'growth-groups': {
    title: 'What more groups and producers cost',
    dimensions: ['groups', 'producers'],
    sizes: 'groups at a time, or producers that write to one partition',
  },
  'growth-record-size': {
    title: 'What a KB of larger records costs',
    dimensions: ['record-size'],
    sizes: 'bytes of a record',
  },
}

function growthPlots(curves: readonly GrowthCurve[]): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(growing).map(([name, { title, dimensions, sizes }]) => {
      const lines = curves
        .filter(({ dimension, unit }) => dimensions.includes(dimension) && unit === 'µs')
        .map(({ what, points }) => ({ name: what, points: points.map(({ size, cost }) => [size, cost] as const) }))
      if (lines.length === 0) return [name, undefined]
      const subtitle =
        'CPU time, client and engine together. A level line is linear growth; one that falls is a fixed cost.'
      return [name, linePlot(name, { title, subtitle, sizes, costs: 'µs each', lines })]
    }),
  )
}
