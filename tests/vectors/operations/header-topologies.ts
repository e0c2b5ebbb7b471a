import { defineTopic } from '@kafkado/core'
import type { Startable, Stream, StreamsBuilder } from '@kafkado/streams'
import type { VectorParams } from '../vector.ts'

const asText = { value: 'string' } as const
const text = { key: 'string', value: 'string' } as const
const input = defineTopic('input', text)

const concat = (aggregate: string, value: string): string => `${aggregate}+${value}`

/** What stands behind the processor that sets headers. */
const behind: Readonly<Record<string, (stream: Stream<string | null, string>, s: StreamsBuilder) => unknown>> = {
  nothing: (stream) => stream.to('output'),
  punctuation: (stream) => stream.to('output'),
  process: (stream) =>
    stream
      .process<string | null, string>(
        (context) => (value, key) => context.forward(key, `${value}, a: ${context.record.headers['a'] ?? 'none'}`),
        text,
      )
      .to('output'),
  stateless(stream) {
    const mapped = stream.mapValues((value) => `${value}!`).filter((value) => !value.startsWith('skip'))
    mapped.flatMapValues((value) => [value, `${value}!`]).to('output')
    mapped.to('raw')
  },
  repartition: (stream) =>
    stream
      .selectKey((value) => value.slice(0, 1))
      .repartition(asText)
      .to('output'),
  aggregate: (stream) => stream.groupByKey(asText).reduce(concat).to('output'),
  join: (stream, s) =>
    stream
      .leftJoin(s.table(defineTopic('right', text)))
      .mapValues((one, other) => `${one}+${other}`)
      .to('output'),
  toTable: (stream) => stream.toTable(asText).to('output'),
  suppress: (stream) => stream.toTable(asText).suppress({ timeLimit: 10 }).to('output'),
}

export const headerTopologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  /** Each record says what becomes of its headers. */
  headers(s, { at = 'nothing' }) {
    const stream = s.stream(input).process<string | null, string>((context) => {
      if (at === 'punctuation')
        context.schedule(100, 'stream-time', (time) => context.forward('time', 'due', { headers: { a: String(time) } }))
      return (value, key) => {
        const [command, name = '', content = ''] = value.split(' ')
        const { [name]: _former, ...others } = context.record.headers
        if (command === 'set') context.forward(key, value, { headers: { ...others, [name]: content } })
        else if (command === 'remove') context.forward(key, value, { headers: others })
        else context.forward(key, value, command === 'clear' ? { headers: {} } : {})
      }
    }, text)
    const build = behind[at]
    if (!build) throw new TypeError(`there is nothing called '${at}' to put behind`)
    build(stream, s)
    return s
  },
}
