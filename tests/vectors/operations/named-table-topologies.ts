import { defineTopic } from '@kafkado/core'
import type { Startable, StreamsBuilder, Table } from '@kafkado/streams'
import type { VectorParams } from '../vector.ts'

const asText = { value: 'string' } as const
const text = { key: 'string', value: 'string' } as const
const [left, right] = [defineTopic('left', text), defineTopic('right', text)]

type Options = { readonly value: 'string'; readonly name?: string }

const accept = (value: string): string => {
  if (value.startsWith('throw')) throw new Error(`'${value}' is refused`)
  return value
}
const mapped = (value: string): string | null => (accept(value).startsWith('none') ? null : `${value}!`)
const joined = (one: string | null, other: string | null): string | null =>
  accept(`${one}`).startsWith('none') ? null : `${one}+${accept(`${other}`)}`
/** What stands behind the bar names a row of the other table. */
const foreignKey = (value: string): string | null => value.split('|')[1] ?? null
const on = { left: foreignKey, right: () => null }
const isChosen = (value: string): boolean => accept(value).startsWith('y')

/** Knows its former rows. */
const kept = (s: StreamsBuilder): Table<string, string> => s.table(left, { name: 'kept' })

/** Tables that are made of others, and kept under a name where they have one. */
const made: Readonly<Record<string, (s: StreamsBuilder, options: Options) => Table<string, string>>> = {
  mapValues: (s, options) => s.table(left).mapValues(mapped, options) as Table<string, string>,
  filter: (s, options) => s.table(left).filter(isChosen, options),
  filterNot: (s, options) => s.table(left).filterNot(isChosen, options),
  mapValuesOfKept: (s, options) => kept(s).mapValues(mapped, options) as Table<string, string>,
  filterOfKept: (s, options) => kept(s).filter(isChosen, options),
  toTable: (s, options) => s.stream(left).toTable(options),
  join: (s, options) => s.table(left).join(s.table(right), joined, options) as Table<string, string>,
  leftJoin: (s, options) => s.table(left).leftJoin(s.table(right), joined, options) as Table<string, string>,
  outerJoin: (s, options) => s.table(left).outerJoin(s.table(right), joined, options) as Table<string, string>,
  foreignKeyJoin: (s, options) =>
    s.table(left).join(s.table(right), { on, ...options }, joined) as Table<string, string>,
  foreignKeyLeftJoin: (s, options) =>
    s.table(left).leftJoin(s.table(right), { on, ...options }, joined) as Table<string, string>,
}

export const namedTableTopologies: Readonly<Record<string, (s: StreamsBuilder, params: VectorParams) => Startable>> = {
  namedTable(s, { at = '', named, uses = [] }) {
    const build = made[at]
    if (!build) throw new TypeError(`there is no table '${at}'`)
    const table = build(s, { ...asText, ...(named ? { name: 'named' } : {}) })
    if (uses.includes('filter')) table.filter((value) => value.length % 2 === 0).to('raw')
    if (uses.includes('groupBy'))
      table
        .groupBy((value) => value.slice(0, 2), asText)
        .reduce(
          (aggregate, value) => `${aggregate}+${value}`,
          (aggregate, value) => `${aggregate}-${value}`,
        )
        .to('suppressed')
    return table.to('output')
  },
}
