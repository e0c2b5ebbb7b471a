import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer])

export const colours = {
  ours: '#1f6feb',
  others: '#9aa4b0',
  missed: '#d1783a',
  ink: '#24292f',
  faint: '#d8dee4',
  lines: ['#1f6feb', '#d1783a', '#2f8f5b', '#8a63d2', '#b5487a', '#7d8590'],
} as const

const width = 860
const fontFamily = 'Helvetica, Arial, sans-serif'

export interface Heading {
  readonly title: string
  readonly subtitle: string
}

/** The heading stands above everything else, which begins at `top`. */
export const top = 74

/** An SVG that is the same each time: without animation, and with names of its own for what it refers to. */
export function draw(name: string, { title, subtitle }: Heading, height: number, option: EChartsCoreOption): string {
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily, color: colours.ink },
      title: {
        text: title,
        subtext: subtitle,
        left: 16,
        top: 12,
        textStyle: { fontFamily, fontSize: 17, color: colours.ink },
        subtextStyle: { fontFamily, fontSize: 12, color: '#57606a', width: width - 32, overflow: 'break' },
      },
      ...option,
    })
    // The library counts its charts in these names, and pages may hold several plots.
    return `${chart.renderToSVGString().replaceAll(/\bzr\d+-/g, `${name}-`)}\n`
  } finally {
    chart.dispose()
  }
}
