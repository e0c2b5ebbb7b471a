import { type Random, seededRandom } from '@kafkado/core'
import type { Case, CaseWindow, Operator, Predicate, Selector } from './case.ts'
import { generateInputs } from './generate-inputs.ts'
import { combinedOf, hasTrueOlds, isLookedUpWrong, type Made, sourceMade, operatorMade } from './made.ts'

const names = {
  predicates: ['even', 'third', 'evenKey', 'present'],
  maps: ['mark', 'shorten', 'some', 'keyed', 'same'],
  keys: ['value', 'initial', 'hash', 'sometimes', 'same', 'prefixed', 'digit'],
  adds: ['concat', 'concat', 'dropping', 'last'],
} as const

/** The case that a seed stands for. */
export function generateCase(seed: number): Case {
  const random = seededRandom(seed)
  const generator = new TopologyGenerator(random)
  const operators = generator.generate()
  return { seed, operators, inputs: generateInputs(random, generator, operators) }
}

/** What may come next, and how often it does. */
type Choice = readonly [weight: number, act: () => void]

/** Draws operators one after the other; what may follow what is Kafka Streams' to say, and made.ts'. */
class TopologyGenerator {
  readonly #random: Random
  readonly #operators: Operator[] = []
  readonly #made: Made[] = []
  readonly topics: string[] = []
  hasClock = false
  readonly #intervals = [17, 11, 23]
  #isOfOneTopic = false
  hasForeignKey = false

  constructor(random: Random) {
    this.#random = random
  }

  generate(): Operator[] {
    // Stream time is told by both where there is but one topic that makes it pass.
    if (this.#chance(0.15)) return this.#generateOfOneTopic()
    for (let count = 1 + this.#below(2); count > 0; count--) this.#source(this.#pick(['stream', 'stream', 'table']))
    for (let count = 2 + this.#below(8); count > 0; count--) this.#step()
    this.#writeLeaves()
    return this.#operators
  }

  #generateOfOneTopic(): Operator[] {
    this.#isOfOneTopic = true
    this.#source('stream')
    this.#add({ op: 'process', from: 0, does: 'hold', shift: 0, every: 1 + this.#below(20), by: 'stream-time' })
    for (let count = this.#below(6); count > 0; count--) this.#step()
    this.#writeLeaves()
    return this.#operators
  }

  /** Goes on from what was made last most of the time, so that operators follow one another. */
  #step(): void {
    const usable = [...this.#made.keys()].filter((index) => {
      const { kind } = this.#made[index] as Made
      return kind === 'stream' || kind === 'table'
    })
    const from = this.#chance(0.6) ? (usable.at(-1) as number) : this.#pick(usable)
    const made = this.#made[from] as Made
    const choices = made.kind === 'table' ? this.#choicesOfTable(from, made) : this.#choicesOfStream(from, made)
    this.#weighted(choices)()
  }

  #choicesOfTable(from: number, made: Made): Choice[] {
    const choices: Choice[] = [
      [2, () => this.#filter(from)],
      [2, () => this.#add({ op: 'toStream', from })],
    ]
    if (made.isEnd) return choices
    choices.push([2, () => this.#add({ op: 'mapValues', from, map: this.#pick(names.maps) })])
    if (made.isWindowed === 'whole') choices.push([4, () => this.#add({ op: 'untilWindowCloses', from })])
    if (!made.isHeld) choices.push([1, () => this.#add({ op: 'suppress', from, ...this.#suppression() })])
    if (!made.hasFalseOlds) choices.push([3, () => this.#regroup(from, made)])
    if (!made.isWindowed && !isLookedUpWrong(made)) choices.push([4, () => this.#join(from, made, 'table')])
    return choices
  }

  #choicesOfStream(from: number, made: Made): Choice[] {
    const choices: Choice[] = [
      [1, () => this.#filter(from)],
      [0.5, () => this.#add({ op: 'peek', from })],
      [1, () => this.#merge(from, made)],
      [1, () => this.#split(from)],
    ]
    // Of what a join by foreign key tells in between it has to be known which key it was of.
    if (!made.isEnd || !made.isForeign)
      choices.push([1, () => this.#add({ op: 'selectKey', from, key: this.#pick(names.keys) })])
    if (made.isEnd) return choices
    choices.push(
      [1, () => this.#add({ op: 'mapValues', from, map: this.#pick(names.maps) })],
      [1, () => this.#add({ op: 'map', from, key: this.#pick(names.keys), map: this.#pick(names.maps) })],
      [1, () => this.#add({ op: 'flatMap', from, key: this.#pick(names.keys) })],
      [0.5, () => this.#add({ op: 'flatMapValues', from })],
      [8, () => this.#group(from, made)],
      [1.5, () => this.#process(from)],
    )
    if (made.isWindowed) return choices
    choices.push(
      [1, () => this.#add({ op: 'repartition', from })],
      [2, () => this.#add({ op: 'toTable', from, ...(this.#chance(0.3) ? { name: `table${from}` } : {}) })],
      [4, () => this.#join(from, made, 'stream')],
      [2, () => this.#join(from, made, 'table')],
      [1.5, () => this.#joinAfterGrace(from, made)],
      [1, () => this.#join(from, made, 'global')],
    )
    return choices
  }

  #source(op: 'stream' | 'table' | 'versionedTable' | 'globalTable'): number {
    const topic = `in${this.topics.length}`
    this.topics.push(topic)
    if (op === 'versionedTable') this.#add({ op: 'table', topic, isVersioned: true })
    else if (op !== 'table') this.#add({ op, topic })
    else this.#add({ op, topic, ...(this.#chance(0.3) ? { name: `rows-${topic}` } : {}) })
    return this.#made.length - 1
  }

  /** Another that may be combined with one; a topic of its own where there is none, and often where there is one. */
  #other(from: number, kind: 'stream' | 'table' | 'global', isForeign = false): number | undefined {
    const made = this.#made[from] as Made
    const fits = (one: Made): boolean =>
      one.kind === kind &&
      !one.isWindowed &&
      !one.isEnd &&
      !isLookedUpWrong(one) &&
      combinedOf(made, one, isForeign) !== undefined
    const found = [...this.#made.keys()].filter((index) => index !== from && fits(this.#made[index] as Made))
    if (found.length > 0 && this.#chance(0.6)) return this.#pick(found)
    if (this.topics.length > 4 || this.#isOfOneTopic) return undefined
    return this.#source(kind === 'global' ? 'globalTable' : kind)
  }

  #filter(from: number): void {
    const isNot = this.#chance(0.3) ? ({ isNot: true } as const) : {}
    this.#add({ op: 'filter', from, predicate: this.#pick(names.predicates), ...isNot })
  }

  #merge(from: number, made: Made): void {
    if (made.isWindowed || made.isEnd) return
    const other = this.#chance(0.1) ? from : this.#other(from, 'stream')
    if (other === undefined || made.isCount !== this.#made[other]?.isCount) return
    this.#add({ op: 'merge', from, other })
  }

  #split(from: number): void {
    const count = 1 + this.#below(3)
    const predicates = Array.from({ length: count }, (): Predicate => this.#pick(names.predicates))
    this.#add({ op: 'split', from, predicates })
    const split = this.#made.length - 1
    for (let index = 0; index < count; index++) if (this.#chance(0.8)) this.#add({ op: 'branch', from: split, index })
  }

  #group(from: number, made: Made): void {
    const other = made.isWindowed || this.#chance(0.8) ? undefined : this.#other(from, 'stream')
    const grouped = this.#grouped(from, made)
    const add = this.#pick(names.adds)
    const window = this.#chance(0.65) ? { window: this.#window() } : {}
    if (other !== undefined && combinedOf(this.#made[grouped] as Made, this.#made[other] as Made, true)) {
      const two = this.#grouped(other, this.#made[other] as Made)
      return this.#add({ op: 'cogroup', from: grouped, other: two, add, ...window })
    }
    const emit = 'window' in window && this.#chance(0.3) ? ({ emit: 'final' } as const) : {}
    this.#add({ op: 'aggregate', from: grouped, by: this.#by(made), add, ...window, ...emit })
  }

  #grouped(from: number, made: Made): number {
    const isByKey = !made.isWindowed && this.#chance(0.6)
    this.#add(isByKey ? { op: 'groupByKey', from } : { op: 'groupBy', from, key: this.#pick(names.keys) })
    return this.#made.length - 1
  }

  #regroup(from: number, made: Made): void {
    // A row whose key is null has no group; the rest of the topology is of no interest then.
    const key = this.#pick((made.isWindowed ? ['hash', 'same', 'prefixed'] : names.keys) as readonly Selector[])
    this.#add({ op: 'groupBy', from, key })
    const grouped = this.#made.length - 1
    this.#add({ op: 'aggregate', from: grouped, by: this.#by(made), add: this.#pick(names.adds) })
  }

  #by(made: Made): 'count' | 'reduce' | 'aggregate' {
    return this.#pick(made.isCount ? (['count', 'aggregate'] as const) : (['count', 'reduce', 'aggregate'] as const))
  }

  #join(from: number, made: Made, kind: 'stream' | 'table' | 'global'): void {
    const isForeign = made.kind === 'table' && !made.hasFalseOlds && this.#chance(0.5)
    this.hasForeignKey ||= isForeign
    const isSelf = kind === 'stream' && this.#chance(0.1)
    const other = isSelf ? from : this.#other(from, kind, isForeign)
    if (other === undefined) return
    if (kind === 'stream') {
      const [before, after, grace] = [this.#below(12), this.#below(12), this.#pick([0, 1, 5, 20])]
      const join = this.#pick(['inner', 'left', 'outer'] as const)
      this.#add({ op: 'join', from, other, kind: join, before: before + 1, after, grace })
      return
    }
    const hasKey = kind === 'global' || isForeign
    const kinds =
      made.kind === 'table' && !isForeign ? (['inner', 'left', 'outer'] as const) : (['inner', 'left'] as const)
    const areTrue = made.kind === 'stream' || [made, this.#made[other] as Made].every(hasTrueOlds)
    const join = areTrue ? this.#pick(kinds) : 'inner'
    const isOfKey = isForeign && this.#chance(0.4)
    const foreign = isOfKey ? (['same', 'sometimes', 'digit'] as const) : (['digit', 'hash', 'initial'] as const)
    const key = this.#pick(isForeign ? foreign : names.keys)
    const choice = { ...(hasKey ? { key } : {}), ...(isOfKey ? { isOfKey } : {}) }
    this.#add({ op: 'join', from, other, kind: join, ...choice })
  }

  /** Of a table that nothing else reads: a versioned one differs in what it says of rows that are late. */
  #joinAfterGrace(from: number, made: Made): void {
    // Kafka Streams writes what waits with the serdes of the application, which are for text.
    if (made.isCount || this.topics.length > 4 || this.#isOfOneTopic) return
    const other = this.#source('versionedTable')
    const grace = this.#pick([0, 1, 5, 20, 40])
    this.#add({ op: 'join', from, other, kind: this.#pick(['inner', 'left'] as const), grace })
  }

  #process(from: number): void {
    const shift = this.#isOfOneTopic ? 0 : this.#pick([0, 0, 1, 7])
    const does = this.#pick(['count', 'twice', 'hold'] as const)
    if (does !== 'hold') return this.#add({ op: 'process', from, does, shift })
    // No two of them are ever due at the same time, of which neither says which goes first.
    const every = this.#intervals.pop()
    if (every === undefined || this.#isOfOneTopic) return
    this.hasClock = true
    this.#add({ op: 'process', from, does, shift, every, by: 'wall-clock' })
  }

  #suppression(): { timeLimit?: number; maxRecords?: number } {
    const timeLimit = { timeLimit: this.#below(25) }
    return this.#pick([timeLimit, { maxRecords: 1 + this.#below(3) }, { ...timeLimit, maxRecords: 1 + this.#below(3) }])
  }

  #window(): CaseWindow {
    const [size, grace] = [1 + this.#below(20), this.#pick([0, 0, 1, 5, 10, 30])]
    const type = this.#pick(['tumbling', 'hopping', 'sliding', 'session'] as const)
    return type === 'hopping' ? { type, size, advance: 1 + this.#below(size), grace } : { type, size, grace }
  }

  /** What nothing else reads is written to a topic, and some of what is read as well. */
  #writeLeaves(): void {
    const read = new Set(this.#operators.flatMap((one) => ('from' in one ? [one.from] : [])))
    for (const one of this.#operators) if ('other' in one) read.add(one.other)
    let outputs = 0
    const beforeOutputs = this.#made.slice()
    for (const [index, made] of beforeOutputs.entries()) {
      if (made.kind !== 'stream' && made.kind !== 'table') continue
      if (read.has(index) && this.#chance(0.7)) continue
      if (made.kind === 'table') this.#add({ op: 'toStream', from: index })
      const from = made.kind === 'table' ? this.#made.length - 1 : index
      this.#add({ op: 'to', from, topic: outputs === 0 ? 'output' : `output${outputs + 1}` })
      outputs++
    }
  }

  #add(operator: Operator): void {
    this.#operators.push(operator)
    if (!('from' in operator)) this.#made.push(sourceMade(operator))
    else
      this.#made.push(
        operatorMade(
          operator,
          this.#made[operator.from] as Made,
          'other' in operator ? this.#made[operator.other] : undefined,
        ),
      )
  }

  #weighted(choices: readonly Choice[]): () => void {
    let left = this.#random.next() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, act] of choices) if ((left -= weight) < 0) return act
    return (choices.at(-1) as Choice)[1]
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit)
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }
}
