import { defineTopic } from '@kafkado/core'
import { type Startable, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import type { VectorParams } from '../vector.ts'

const asText = { value: 'string' } as const
const input = defineTopic('input', { key: 'string', value: 'string' })

const last = (_aggregate: string, value: string): string => value

/** What is written where, and what is held back before it is. */
export const outputTopologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  chosenTopics(s, { table }) {
    const choose = (value: string | null): string => (value?.startsWith('r') ? 'raw' : 'output')
    const stream = s.stream(input)
    return table ? stream.groupByKey(asText).reduce(last).to(choose) : stream.to(choose)
  },
  suppressed(s, { timeLimit, maxRecords, whenFull, window }) {
    if (!window) return s.table(input).suppress({ timeLimit, maxRecords, whenFull }).to('output')
    const { size = 0, grace = 0 } = window
    return s
      .stream(input)
      .groupByKey(asText)
      .window(tumblingWindow(size, { grace }))
      .count()
      .untilWindowCloses({ maxRecords })
      .to('output')
  },
}
