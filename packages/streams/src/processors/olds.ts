/**
 * Whether a table knows its former rows, as Kafka Streams would. A filter forwards nothing for a row outside its result
 * before and after; if it does not know the former row, it forwards a removal. Kafka Streams keeps a table read from a
 * topic if it has a name, or once an operator looks a row up or asks for former rows. Our tables are always kept, and
 * forward as much as Kafka's would.
 */
export interface Olds {
  readonly areTold: boolean
  /** An operator needs former rows. */
  ask(): void
  /** An operator looks rows up. */
  keep(): void
  /** An operator uses former rows if they cost nothing. */
  learn(): void
}

const nothing = (): void => undefined
/** For tables that an operator computes row by row: it knows the former ones. */
export const toldOlds: Olds = { areTold: true, ask: nothing, keep: nothing, learn: nothing }
/** For tables that are not kept. */
export const unknownOlds: Olds = { areTold: false, ask: nothing, keep: nothing, learn: nothing }

/** For a table read from a topic. */
export class SourceOlds implements Olds {
  areTold: boolean

  constructor(hasName: boolean) {
    this.areTold = hasName
  }

  ask(): void {
    this.areTold = true
  }

  keep(): void {
    this.areTold = true
  }

  learn(): void {}
}

/** For a mapping: it computes former rows once an operator asks for them, as far as its table knows them. */
export class MapOlds implements Olds {
  areTold = false
  readonly #parent: Olds

  constructor(parent: Olds) {
    this.#parent = parent
  }

  ask(): void {
    this.#parent.ask()
    this.areTold ||= this.#parent.areTold
  }

  keep(): void {
    this.#parent.keep()
  }

  learn(): void {
    this.#parent.learn()
    this.areTold ||= this.#parent.areTold
  }
}

/** For a filter: as a mapping, and also as known when it was made or when another filter followed. */
export class FilterOlds extends MapOlds {
  constructor(parent: Olds) {
    super(parent)
    this.learn()
  }
}

/** For a join of tables: it computes former rows once an operator asks for them, and then both tables keep theirs. */
export class JoinOlds implements Olds {
  areTold = false
  readonly #tables: readonly Olds[]

  constructor(tables: readonly Olds[]) {
    this.#tables = tables
  }

  ask(): void {
    for (const table of this.#tables) table.ask()
    this.areTold = true
  }

  keep(): void {}

  learn(): void {
    this.ask()
  }
}
