import { type Random, seededRandom } from '@kafkado/core'
import type { Case, CaseWindow, Operator, Predicate, Selector } from './case.ts'
import { generateInputs } from './generate-inputs.ts'
import { combinedOf, type Made, sourceMade, operatorMade } from './made.ts'

export const names = {
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
  return { seed, operators, inputs: generateInputs(random, generator) }
}

/** Draws operators one after the other; what may follow what is Kafka Streams' to say, and made.ts'. */
class TopologyGenerator {
  readonly #random: Random
  readonly #operators: Operator[] = []
  readonly #made: Made[] = []
  readonly topics: string[] = []
  hasClock = false
  readonly #intervals = [17, 11, 23]
  hasForeignKey = false

  constructor(random: Random) {
    this.#random = random
  }

  generate(): Operator[] {
    for (let count = 1 + this.#below(3); count > 0; count--) this.#source()
    for (let count = 1 + this.#below(7); count > 0; count--) this.#step()
    this.#writeLeaves()
    return this.#operators
  }

  #step(): void {
    const from = this.#below(this.#made.length)
    const made = this.#made[from] as Made
    switch (made.kind) {
      case 'global':
      case 'split':
        return
      case 'grouped':
        return this.#aggregate(from, made)
      case 'groupedTable':
        return this.#add({ op: 'aggregate', from, by: this.#by(made), add: this.#pick(names.adds) })
      case 'table':
        return this.#stepOfTable(from, made)
      case 'stream':
        return this.#stepOfStream(from, made)
    }
  }

  #stepOfTable(from: number, made: Made): void {
    const canGoOn = !made.isEnd
    const choices: (() => void)[] = [
      () => this.#add({ op: 'filter', from, predicate: this.#pick(names.predicates) }),
      () => this.#add({ op: 'toStream', from }),
    ]
    if (made.isWindowed === 'whole' && canGoOn)
      choices.push(...this.#twice(() => this.#add({ op: 'untilWindowCloses', from })))
    if (canGoOn) {
      choices.push(() => this.#add({ op: 'mapValues', from, map: this.#pick(names.maps) }))
      if (!made.isHeld) choices.push(() => this.#add({ op: 'suppress', from, ...this.#suppression() }))
      if (!made.hasFalseOlds) choices.push(...this.#twice(() => this.#regroup(from, made)))
      if (!made.isWindowed && !isLookedUpWrong(made))
        choices.push(...this.#twice(() => this.#join(from, made, 'table')))
    }
    this.#pick(choices)()
  }

  #stepOfStream(from: number, made: Made): void {
    const choices: (() => void)[] = [
      () => this.#add({ op: 'filter', from, predicate: this.#pick(names.predicates) }),
      () => this.#add({ op: 'selectKey', from, key: this.#pick(names.keys) }),
      () => this.#add({ op: 'peek', from }),
      () => this.#merge(from, made),
      () => this.#split(from),
    ]
    if (!made.isEnd) {
      choices.push(
        () => this.#add({ op: 'mapValues', from, map: this.#pick(names.maps) }),
        () => this.#add({ op: 'map', from, key: this.#pick(names.keys), map: this.#pick(names.maps) }),
        () => this.#add({ op: 'flatMap', from, key: this.#pick(names.keys) }),
        ...this.#twice(() => this.#group(from, made)),
        () => this.#process(from),
      )
      if (!made.isWindowed)
        choices.push(
          () => this.#add({ op: 'repartition', from }),
          () => this.#add({ op: 'toTable', from, ...(this.#chance(0.3) ? { name: `table${from}` } : {}) }),
          ...this.#twice(() => this.#join(from, made, 'stream')),
          () => this.#join(from, made, 'table'),
          () => this.#join(from, made, 'global'),
        )
    }
    this.#pick(choices)()
  }

  #source(): void {
    const topic = `in${this.topics.length}`
    this.topics.push(topic)
    const op = this.#pick(['stream', 'stream', 'stream', 'table', 'table', 'globalTable'] as const)
    if (op !== 'table') this.#add({ op, topic })
    else this.#add({ op, topic, ...(this.#chance(0.3) ? { name: `rows-${topic}` } : {}) })
  }

  /** Another of a kind that may be combined with one; drawn anew as a source where there is none. */
  #other(from: number, kind: Made['kind'], hops: (one: Made) => number = ({ hops: own }) => own): number | undefined {
    const made = this.#made[from] as Made
    const fits = (one: Made): boolean =>
      one !== made &&
      !isLookedUpWrong(one) &&
      one.kind === kind &&
      !one.isWindowed &&
      !one.isEnd &&
      combinedOf(made, one, hops(made) + hops(one)) !== undefined
    const found = [...this.#made.keys()].filter((index) => fits(this.#made[index] as Made))
    if (found.length > 0 && this.#chance(0.7)) return this.#pick(found)
    if (this.topics.length > 4 || kind === 'grouped') return undefined
    const topic = `in${this.topics.length}`
    this.topics.push(topic)
    this.#add({ op: kind === 'global' ? 'globalTable' : kind === 'table' ? 'table' : 'stream', topic })
    return this.#made.length - 1
  }

  #merge(from: number, made: Made): void {
    const other = this.#other(from, 'stream')
    if (other === undefined || made.isWindowed || made.isEnd || made.isCount !== this.#made[other]?.isCount) return
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
    if (made.isWindowed || this.#chance(0.4)) this.#add({ op: 'groupBy', from, key: this.#pick(names.keys) })
    else this.#add({ op: 'groupByKey', from })
    this.#aggregate(this.#made.length - 1, this.#made.at(-1) as Made)
  }

  #regroup(from: number, made: Made): void {
    // A row whose key is null has no group; the rest of the topology is of no interest then.
    const key = this.#pick((made.isWindowed ? ['hash', 'same', 'prefixed'] : names.keys) as readonly Selector[])
    this.#add({ op: 'groupBy', from, key })
    const grouped = this.#made.length - 1
    this.#add({ op: 'aggregate', from: grouped, by: this.#by(made), add: this.#pick(names.adds) })
  }

  #aggregate(from: number, made: Made): void {
    const window = this.#chance(0.65) ? this.#window() : undefined
    const add = this.#pick(names.adds)
    const windowed = window ? { window } : {}
    const other = this.#chance(0.2) ? this.#other(from, 'grouped') : undefined
    if (other !== undefined && other !== from) return this.#add({ op: 'cogroup', from, other, add, ...windowed })
    const emit = window && this.#chance(0.3) ? ({ emit: 'final' } as const) : {}
    this.#add({ op: 'aggregate', from, by: this.#by(made), add, ...windowed, ...emit })
  }

  #by(made: Made): 'count' | 'reduce' | 'aggregate' {
    return this.#pick(made.isCount ? (['count', 'aggregate'] as const) : (['count', 'reduce', 'aggregate'] as const))
  }

  #join(from: number, made: Made, kind: 'stream' | 'table' | 'global'): void {
    const isForeign = made.kind === 'table' && !made.hasFalseOlds && this.#chance(0.5)
    this.hasForeignKey ||= isForeign
    const hopsOf = (one: Made): number => one.hops + (one.isRekeyed || isForeign ? 1 : 0)
    const other = this.#other(from, kind, hopsOf)
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
    const key = isForeign ? this.#pick(['digit', 'hash', 'initial'] as const) : this.#pick(names.keys)
    this.#add({ op: 'join', from, other, kind: join, ...(hasKey ? { key } : {}) })
  }

  #process(from: number): void {
    const shift = this.#pick([0, 0, 1, 7])
    const does = this.#pick(['count', 'twice', 'hold'] as const)
    if (does !== 'hold') return this.#add({ op: 'process', from, does, shift })
    // No two of them are ever due at the same time, of which neither says which goes first.
    const every = this.#intervals.pop()
    if (every === undefined) return
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
    for (const [index, made] of [...this.#made.entries()]) {
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

  #twice(choice: () => void): (() => void)[] {
    return [choice, choice]
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

/** Kafka Streams takes what an aggregate begins with for a row where it looks for one that is held back. */
function isLookedUpWrong({ isHeld, isAggregate }: Made): boolean {
  return isHeld && isAggregate
}

/** Whether a join that says of what is gone that it is, says so of rows alone. */
function hasTrueOlds({ hasFalseOlds, mayBeginWithNull }: Made): boolean {
  return !hasFalseOlds && !mayBeginWithNull
}
