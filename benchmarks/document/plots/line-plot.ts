import { colours, draw, type Heading, top } from './draw.ts'

export interface LinePlot extends Heading {
  /** Below the axis of sizes, which is logarithmic. */
  readonly sizes: string
  /** Beside the axis of costs, which is logarithmic too. */
  readonly costs: string
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[]
}

/** Lines with a mark for each measured size. */
export function linePlot(name: string, { title, subtitle, sizes, costs, lines }: LinePlot): string {
  const values = lines.flatMap(({ points }) => points.map(([, cost]) => cost))
  const axis = {
    type: 'log',
    nameLocation: 'middle',
    nameTextStyle: { color: colours.ink, fontSize: 12 },
    axisLabel: { color: colours.ink, formatter: short },
    splitLine: { show: true, lineStyle: { color: colours.faint } },
    axisLine: { show: true, lineStyle: { color: colours.faint } },
  }
  return draw(name, { title, subtitle }, 448, {
    color: [...colours.lines],
    legend: { top: top - 2, left: 16, itemWidth: 22, itemGap: 32, textStyle: { fontSize: 12, color: colours.ink } },
    grid: { left: 76, right: 32, top: top + 58, bottom: 58 },
    xAxis: { ...axis, name: sizes, nameGap: 32 },
    yAxis: {
      ...axis,
      name: costs,
      nameGap: 48,
      min: 10 ** Math.floor(Math.log10(Math.min(...values))),
      max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
    },
    series: lines.map(({ name: line, points }, index) => ({
      type: 'line',
      name: line,
      data: points.map((point) => [...point]),
      symbol: ['circle', 'rect', 'triangle', 'diamond'][index % 4],
      symbolSize: 7,
      lineStyle: { width: 2 },
    })),
  })
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1000 ? `${value / 1000}k` : String(value)
}
