import { colours, draw, type Heading, top } from './draw.ts'

export interface Bar {
  readonly name: string
  readonly value: number
  /** Behind the bar. */
  readonly label: string
  readonly colour?: string
}

export interface BarPlot extends Heading {
  /** From above. All bars have the same scale. */
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[]
  /** A line across all bars, such as the target. */
  readonly line?: { readonly at: number; readonly label: string }
  /** Where the scale ends: longer bars are cut there, and their label says what they are. */
  readonly most?: number
}

const rowHeight = 22

/** Horizontal bars, in groups with a heading each. */
export function barPlot(name: string, { title, subtitle, groups, line, most }: BarPlot): string {
  const rows = groups.flatMap(({ name: group, bars }) => [
    ...(group === '' ? [] : [{ name: `{group|${group}}`, value: undefined, label: '', colour: '' }]),
    ...bars,
  ])
  const longest = Math.max(...rows.map(({ value = 0 }) => value))
  return draw(name, { title, subtitle }, top + rows.length * rowHeight + 24, {
    grid: { left: 268, right: 130, top, bottom: 24 },
    xAxis: {
      type: 'value',
      min: 0,
      max: most ?? longest,
      axisLabel: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map((row) => row.name),
      axisLine: { lineStyle: { color: colours.faint } },
      axisTick: { show: false },
      axisLabel: {
        interval: 0,
        fontSize: 12,
        color: colours.ink,
        rich: { group: { fontWeight: 'bold', fontSize: 12, color: colours.ink } },
      },
    },
    series: [
      {
        type: 'bar',
        barWidth: 14,
        data: rows.map(({ value, label, colour }) =>
          value === undefined
            ? { value: null }
            : {
                value: Math.min(value, most ?? value),
                itemStyle: { color: colour ?? colours.others },
                label: {
                  show: true,
                  position: 'right',
                  formatter: label,
                  color: colours.ink,
                  fontSize: 12,
                  backgroundColor: '#ffffff',
                  padding: [2, 3],
                },
              },
        ),
        ...(line && {
          markLine: {
            symbol: 'none',
            silent: true,
            z: 1,
            lineStyle: { color: colours.ink, type: 'dashed' },
            label: { formatter: line.label, position: 'end', color: colours.ink, fontSize: 12 },
            data: [{ xAxis: line.at }],
          },
        }),
      },
    ],
  })
}
