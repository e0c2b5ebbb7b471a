import { topicsMatching } from '@kafkado/consumer'
import { defineTopic } from '@kafkado/core'
import type { Startable, Stream, StreamsBuilder, Table } from '@kafkado/streams'
import type { VectorParams } from './vector.ts'

const input = defineTopic('input', { key: 'string', value: 'string' })
const sides = ['left', 'right'].map((name) => defineTopic(name, { key: 'string', value: 'string' }))
const asText = { value: 'string' } as const
const stores = { kept: asText }

const add = (aggregate: string, value: string): string | null => (value === 'DEL' ? null : `${aggregate}+${value}`)
/** Grouped by the key that it has, so that a key that counted as changed would go through a repartition. */
const reduced = (stream: Stream<string | null, string>): Table<string, string> => stream.groupByKey(asText).reduce(add)

/** Topologies of single operators, of which each is all there is. */
export const operatorTopologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  filterNot: (s) =>
    s
      .stream(input)
      .filterNot((value) => value.startsWith('y'))
      .to('output'),
  tableFilterNot: (s) =>
    s
      .table(input, { name: 'named' })
      .filterNot((value) => value.startsWith('y'))
      .to('output'),
  flatMapValues: (s) => reduced(s.stream(input).flatMapValues((value) => value.split('|'))).to('output'),
  split(s) {
    const streams = s
      .stream(input)
      .split({ a: (value) => value.startsWith('a'), long: (value) => value.length > 1 }, { default: 'rest' })
    streams.a.to('raw')
    streams.long.to('suppressed')
    return streams.rest.to('output')
  },
  processValues(s) {
    const processed = s.stream(input).processValues<string>(
      (context) => {
        const kept = context.store<string | null, string>('kept')
        return (value, key) => {
          const before = kept.get(key)
          kept.put(key, value)
          if (before !== undefined) context.forward(before, context.record.timestamp + 1)
          context.forward(`${value}!`)
        }
      },
      { ...asText, stores },
    )
    return reduced(processed).to('output')
  },
  transformValues(s, { named, filter, groupBy }) {
    let table = s.table(input).transformValues<string>(
      (context) => {
        const kept = context.store('kept')
        return (value: string | null, key) => {
          const now = `${(kept.get(key) as string | undefined) ?? ''}${value ?? '-'}`
          kept.put(key, now)
          return (value === null || value === 'DEL') && now.length <= 6 ? null : now
        }
      },
      { ...asText, stores, ...(named ? { name: 'named' } : {}) },
    )
    if (filter) table = table.filter((value) => value.length % 2 === 0)
    if (groupBy !== 'value') return table.to('output')
    return table
      .groupBy((value) => value.slice(0, 1), asText)
      .aggregate('0', add, (aggregate, value) => `${aggregate}-${value}`, asText)
      .to('output')
  },
  topics: (s, { from }) =>
    reduced(s.stream(from === 'pattern' ? topicsMatching(/^(left|right)$/, { value: 'string' }) : sides)).to('output'),
  partitions: (s) =>
    s.stream(input).to('output', {
      partition: (value: string | null) => (value?.startsWith('y') ? [] : value?.startsWith('z') ? [0] : undefined),
    }),
}
