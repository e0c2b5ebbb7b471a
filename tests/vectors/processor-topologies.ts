import { defineTopic } from '@kafkado/core'
import type {
  Processor,
  ProcessorSessionStore,
  ProcessorStore,
  ProcessorWindowStore,
  Startable,
  StoreOptions,
  StreamsBuilder,
  WindowRow,
} from '@kafkado/streams'
import type { VectorParams } from './vector.ts'

const asText = { key: 'string', value: 'string' } as const
const input = defineTopic('input', asText)
const [left, right] = [defineTopic('left', asText), defineTopic('right', asText)]
const output = defineTopic('output', asText)

type Commands<Store> = (store: Store, key: string, words: readonly string[]) => string | null | void

/** Each record is a command to a store, and what it answers goes on. */
function commanded<Store>(
  storeOf: (context: Parameters<TextProcessor>[0]) => Store,
  answer: Commands<Store>,
): TextProcessor {
  return (context) => {
    const store = storeOf(context)
    return (value, key) => {
      const answered = answer(store, key as string, value.split(' '))
      if (answered !== undefined) context.forward(key, String(answered))
    }
  }
}

type TextProcessor = Processor<string | null, string, string | null, string>

const keyValue: Commands<ProcessorStore<string, string>> = (store, key, [command, first = '', last = '']) => {
  const text = (rows: Iterable<readonly [string, string]>): string => [...rows].map((row) => row.join('=')).join(',')
  switch (command) {
    case 'put':
      return store.put(key, first)
    case 'del':
      return store.delete(key)
    case 'get':
      return store.get(key) ?? null
    case 'range':
      return text(store.range(first, last))
    default:
      return text(store.entries())
  }
}

const rows = (found: readonly WindowRow<string, string>[]): string =>
  found.map(({ key, start, end, value }) => `${key}@${start}-${end}=${value}`).join(',')

const windows: Commands<ProcessorWindowStore<string, string>> = (store, key, [command, first, last]) => {
  const [from, to] = [Number(first), Number(last)]
  switch (command) {
    case 'put':
      return store.put(key, last as string, from)
    case 'del':
      return store.delete(key, from)
    case 'get':
      return store.get(key, from) ?? null
    case 'fetch':
      return store
        .fetch(key, from, to)
        .map(({ start, value }) => `${start}=${value}`)
        .join(',')
    case 'fetchAll':
      return rows(store.fetchAll(from, to))
    default:
      return rows(store.entries())
  }
}

const sessions: Commands<ProcessorSessionStore<string, string>> = (store, key, [command, first, last, value]) => {
  const [start, end] = [Number(first), Number(last)]
  switch (command) {
    case 'put':
      return store.put(key, { start, end }, value as string)
    case 'del':
      return store.delete(key, { start, end })
    case 'get':
      return store.get(key, { start, end }) ?? null
    case 'find':
      return rows(store.findSessions(key, start, end))
    default:
      return rows(store.fetch(key))
  }
}

/** Processors of a user's own, and what they may do. */
export const processorTopologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  keyValueStore: (s) => {
    const make = commanded((context) => context.store<string, string>('kept'), keyValue)
    return s
      .stream(input)
      .process(make, { ...asText, stores: { kept: asText } })
      .to(output)
  },
  windowStore: (s, { retention = 0, windowSize = 0 }) => {
    const kept: StoreOptions = { kind: 'window', retention, windowSize, ...asText }
    const make = commanded((context) => context.windowStore<string, string>('kept'), windows)
    return s
      .stream(input)
      .process(make, { ...asText, stores: { kept } })
      .to(output)
  },
  sessionStore: (s, { retention = 0 }) => {
    const make = commanded((context) => context.sessionStore<string, string>('kept'), sessions)
    const kept: StoreOptions = { kind: 'session', retention, ...asText }
    return s
      .stream(input)
      .process(make, { ...asText, stores: { kept } })
      .to(output)
  },
  sharedStore(s) {
    const kept = s.addStateStore('balances', asText)
    const make = commanded((context) => context.store<string, string>('kept'), keyValue)
    const processors = [left, right].map((topic) =>
      s.addProcessor(`processor of ${topic.name}`, make, { parents: s.stream(topic), stores: { kept }, ...asText }),
    )
    s.addSink('output sink', output, { parents: processors })
    return s
  },
  globalStore(s) {
    const kept = s.addGlobalStore<string, string, string, string>(
      right,
      ({ store }) =>
        (value, key) => {
          if (key === null) return
          const before = store.get(key)
          store.put(key, value === null ? null : before === undefined ? value : `${before}+${value}`)
        },
      { name: 'all', ...asText },
    )
    const make = commanded((context) => context.store<string, string>('kept'), keyValue)
    return s
      .stream(left)
      .process(make, { ...asText, stores: { kept } })
      .to(output)
  },
  forwardTo(s) {
    const source = s.addSource('in', input)
    const first = s.addProcessor<string | null, string>(
      'first',
      (context) => (value, key) => {
        if (value.startsWith('a')) context.forward(key, `${value}!`, { to: 'raw sink' })
        else if (value.startsWith('b'))
          context.forward(key, value, { to: 'next', timestamp: context.record.timestamp + 5 })
        else context.forward(key, value)
      },
      { parents: source, ...asText },
    )
    const next = s.addProcessor<string | null, string>(
      'next',
      (context) => (value, key) => context.forward(key, `next ${value}`),
      { parents: first, ...asText },
    )
    s.addSink('raw sink', defineTopic('raw', asText), { parents: first })
    s.addSink('output sink', output, { parents: [first, next] })
    return s
  },
}
