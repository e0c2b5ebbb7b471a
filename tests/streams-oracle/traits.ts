import type { Operator } from './case.ts'

/** What the rules of the comparison go by. A new operator takes a line in the table, even if it has none of these. */
type Trait =
  /** Hands on records with the key and value that they have. */
  | 'unchanging'
  /** Hands on some of what it is given, or all, as it is. */
  | 'choosing'
  /** May give records other keys. */
  | 'rekeying'
  /** May write to an internal topic. */
  | 'hopping'
  /** Gives records other times than those of the topics. */
  | 'retiming'
  /** Goes on with a result that it was given before. */
  | 'remembering'
  /** Holds updates back. */
  | 'holding'
  /** Leaves it known which times a join has seen: those of the topics. */
  | 'plain'
  /** Makes a table of whatever it is given. */
  | 'tabling'
  /** Makes a table of a table. */
  | 'alike'

const traits: Readonly<Record<Operator['op'], readonly Trait[]>> = {
  stream: ['plain'],
  table: ['tabling'],
  globalTable: [],
  filter: ['unchanging', 'choosing', 'alike'],
  mapValues: ['alike'],
  map: ['rekeying'],
  flatMap: ['rekeying'],
  flatMapValues: [],
  selectKey: ['rekeying'],
  peek: ['unchanging', 'choosing'],
  merge: ['unchanging'],
  split: ['unchanging', 'choosing'],
  branch: ['unchanging', 'choosing'],
  groupByKey: ['hopping'],
  groupBy: ['hopping', 'rekeying'],
  repartition: ['hopping'],
  toStream: [],
  toTable: ['hopping', 'remembering', 'tabling'],
  aggregate: ['retiming', 'remembering', 'tabling'],
  cogroup: ['retiming', 'remembering', 'tabling'],
  join: ['hopping', 'remembering', 'plain', 'alike'],
  suppress: ['remembering', 'holding', 'tabling'],
  untilWindowCloses: ['remembering', 'holding', 'tabling'],
  process: ['retiming', 'remembering'],
  to: ['unchanging', 'plain'],
}

/** The names of all operators. */
export const operatorNames = Object.keys(traits) as readonly Operator['op'][]

export function is({ op }: Operator, trait: Trait): boolean {
  return traits[op].includes(trait)
}
