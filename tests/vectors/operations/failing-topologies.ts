import { defineTopic, type Serde, string } from '@kafkado/core'
import { hoppingWindow, type Startable, type StreamsBuilder } from '@kafkado/streams'
import type { VectorParams } from '../vector.ts'

const asText = { value: 'string' } as const
const text = { key: 'string', value: 'string' } as const
const input = defineTopic('input', text)
const left = defineTopic('left', text)

const plain = string()
const refuse = (value: string, beginning: string): string => {
  if (value.startsWith(beginning)) throw new Error(`'${value}' is refused`)
  return value
}

/** Text, of which some can be written only, and some read only. */
const choosyText: Serde<string> = {
  serialize: (value, context) => plain.serialize(refuse(value, 'unwritable'), context),
  deserialize: (bytes, context) => refuse(plain.deserialize(bytes, context), 'unreadable'),
}
const choosy = { key: choosyText, value: choosyText }

const concat = (aggregate: string, value: string): string => `${aggregate}+${value}`
const joined = (one: string | null, other: string | null): string => `${one}+${other}`
const accept = (value: string): string => refuse(value, 'throw')
const acceptedConcat = (aggregate: string, value: string): string => concat(aggregate, accept(value))

/** Topologies of which some part fails for some records. */
const failing: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  source: (s) => s.stream(defineTopic('input', choosy)).groupByKey(asText).reduce(concat).to('output'),
  table: (s) =>
    s
      .stream(left)
      .leftJoin(s.table(defineTopic('right', choosy)))
      .mapValues(joined)
      .to('output'),
  globalTable: (s) =>
    s
      .stream(left)
      .leftJoin(s.globalTable(defineTopic('right', choosy)), { key: (_value, key) => key })
      .mapValues(joined)
      .to('output'),
  mapValues(s) {
    const stream = s.stream(input)
    stream.mapValues(accept).groupByKey(asText).reduce(concat).to('output')
    stream.to('raw')
  },
  tableMapValues(s) {
    const table = s.table(input)
    table.mapValues(accept).to('output')
    table.to('raw')
  },
  aggregate: (s) => s.stream(input).groupByKey(asText).aggregate('0', acceptedConcat, asText).to('output'),
  /** Fails in the former of two windows, or in the latter. */
  windows: (s) =>
    s
      .stream(input)
      .groupByKey(asText)
      .window(hoppingWindow(10, 5, { grace: 100 }))
      .aggregate(
        '0',
        (aggregate, value) => {
          const isBegun = aggregate !== '0'
          if (value === (isBegun ? 'begun' : 'new')) throw new Error(value)
          return concat(aggregate, value)
        },
        asText,
      )
      .to('output'),
  join: (s) =>
    s
      .stream(left)
      .leftJoin(s.table(defineTopic('right', text)))
      .mapValues((one, other) => accept(joined(other, one)))
      .to('output'),
  /** What the processor has kept and forwarded before it fails stays. */
  process: (s) =>
    s
      .stream(input)
      .process<string | null, string>(
        (context) => {
          const kept = context.store<string, string>('kept')
          return (value, key) => {
            const now = concat(kept.get(key as string) ?? '', value)
            kept.put(key as string, now)
            context.forward(key, now)
            accept(value)
            context.forward(key, `${now}!`)
          }
        },
        { ...text, stores: { kept: text } },
      )
      .to('output'),
  /** What is behind the processor fails, and the processor goes on. */
  child: (s) =>
    s
      .stream(input)
      .process<string | null, string>(
        (context) => (value, key) => {
          context.forward(key, value)
          context.forward(key, `then ${value}`)
        },
        text,
      )
      .mapValues(accept)
      .to('output'),
  punctuation: (s) =>
    s
      .stream(input)
      .process<string | null, string>((context) => {
        context.schedule(10, 'stream-time', (time) => {
          context.forward('time', `before ${time}`)
          if (time % 20 === 0) throw new Error('no')
          context.forward('time', `after ${time}`)
        })
        return (value, key) => context.forward(key, value)
      }, text)
      .to('output'),
  sink(s) {
    const stream = s.stream(input)
    stream.to(defineTopic('output', choosy))
    stream.to('raw')
  },
  chosenSink: (s) => s.stream(input).to((value) => defineTopic(value.endsWith('raw') ? 'raw' : 'output', choosy)),
  repartition: (s) =>
    s
      .stream(input)
      .selectKey((value) => value.slice(-1))
      .groupByKey({ value: choosyText })
      .reduce(concat)
      .to('output'),
  /** A row that the serde of its store refuses. */
  store: (s) =>
    s
      .stream(input)
      .groupByKey(asText)
      .aggregate('0', (_aggregate, value) => value, { value: choosyText })
      .toStream()
      .mapValues((value) => `${value}!`)
      .to('output'),
}

export const failingTopologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  failing(s, { at = '' }) {
    const build = failing[at]
    if (!build) throw new TypeError(`there is no part '${at}' that can fail`)
    build(s)
    return s
  },
}
