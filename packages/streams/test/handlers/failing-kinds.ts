import { bytes, defineTopic, type TopicDefinition, type Transport } from '@kafkado/core'
import { createStreamsBuilder, type ErrorKind, type StreamsBuilder } from '@kafkado/streams'

export interface Item {
  readonly id: string
  readonly bad?: boolean
}

/** The same topic, for writing unreadable records. */
export const raw: TopicDefinition<Uint8Array, string> = defineTopic('in', { value: bytes() })

const nowhere: Transport = {
  send: () => Promise.reject(new Error('nothing is sent here')),
  close: () => Promise.resolve(),
}
/** JSON cannot represent it. */
const unwritable = 1n as unknown as string
const isBad = ({ bad }: Item): boolean => bad === true

/** A way in which the bad record of topic 'in' fails; the others get to topic 'out' by their ids. */
export interface Failing {
  readonly name: string
  readonly kind: ErrorKind
  readonly build: (s: StreamsBuilder) => unknown
  readonly isUnreadable?: boolean
  /** The fields of the error. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Whether only a server refuses it. */
  readonly needsServer?: boolean
}

export const badBytes: Uint8Array = new TextEncoder().encode('{')

export const failings: readonly Failing[] = [
  {
    name: 'a value that cannot be read',
    kind: 'deserialization',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues(({ id }) => id)
        .to('out'),
    isUnreadable: true,
    fields: { operator: undefined },
  },
  {
    name: 'a value that cannot be read of a table',
    kind: 'deserialization',
    build: (s) =>
      s
        .table<Item>('in')
        .toStream()
        .mapValues(({ id }) => id)
        .to('out'),
    isUnreadable: true,
    fields: { operator: undefined },
  },
  {
    name: 'a value that cannot be read of a topic that is read in two ways',
    kind: 'deserialization',
    build: (s) => {
      const others = createStreamsBuilder(nowhere)
        .stream(raw)
        .mapValues((value) => String(value.length))
        .filter(() => false)
      return s
        .stream<Item>('in')
        .mapValues(({ id }) => id)
        .merge(others)
        .to('out')
    },
    isUnreadable: true,
    fields: { operator: undefined },
  },
  {
    name: 'an operator',
    kind: 'processing',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues((item) => {
          if (isBad(item)) throw new Error('bad luck')
          return item.id
        })
        .to('out'),
    fields: { operator: 'mapValues', store: undefined },
  },
  {
    name: 'an asynchronous operator',
    kind: 'processing',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapAsync((item) => (isBad(item) ? Promise.reject(new Error('bad luck')) : Promise.resolve(item.id)))
        .to('out'),
    fields: { operator: 'mapAsync' },
  },
  {
    name: 'a row that cannot be serialised',
    kind: 'processing',
    build: (s) =>
      s
        .stream<Item>('in')
        .process<string, string>(
          (context) => {
            const rows = context.store<string, unknown>('rows')
            return (item) => {
              rows.put(item.id, isBad(item) ? 1n : item.id)
              context.forward('k', item.id)
            }
          },
          { stores: { rows: {} } },
        )
        .filter((id) => id !== 'bad')
        .to('out'),
    fields: { operator: 'process', store: 'rows' },
  },
  {
    name: 'a result that cannot be serialised',
    kind: 'production',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues((item) => (isBad(item) ? unwritable : item.id))
        .to('out'),
    fields: { operator: 'to out', output: 'out' },
  },
  {
    name: 'a result that cannot be serialised for an internal topic',
    kind: 'production',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues((item) => (isBad(item) ? unwritable : item.id))
        .selectKey(() => 'k')
        .repartition({ name: 'by-k' })
        .to('out'),
    fields: {},
  },
  {
    name: 'a result that is too large',
    kind: 'production',
    build: (s) =>
      s
        .stream<Item>('in')
        .mapValues((item) => (isBad(item) ? 'x'.repeat(2_000_000) : item.id))
        .to('out'),
    fields: { operator: 'to out', output: 'out' },
    needsServer: true,
  },
]
