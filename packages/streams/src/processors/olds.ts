/**
 * Whether a table tells what a row was before it changed, as Kafka Streams would know it: a filter says nothing of a
 * row that neither is in its result nor was, but where it does not know it says that there is none. A table that is
 * read from a topic is kept by Kafka Streams where it has a name, or from when something looks a row up or asks what it
 * was. Ours are kept always, and say as much as Kafka's would.
 */
export interface Olds {
  readonly areTold: boolean
  /** An operator needs to know what rows were. */
  ask(): void
  /** An operator looks rows up. */
  keep(): void
  /** An operator would like to know, if that costs nothing. */
  learn(): void
}

const nothing = (): void => undefined
/** Of tables that an operator makes row by row: it knows what they were. */
export const toldOlds: Olds = { areTold: true, ask: nothing, keep: nothing, learn: nothing }
/** Of tables that nobody keeps. */
export const unknownOlds: Olds = { areTold: false, ask: nothing, keep: nothing, learn: nothing }

/** Of a table that is read from a topic. */
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

/** Of a filter: what it knew when it was put there, or when another was put behind it, or is asked for. */
export class FilterOlds implements Olds {
  areTold: boolean
  readonly #parent: Olds

  constructor(parent: Olds) {
    this.#parent = parent
    parent.learn()
    this.areTold = parent.areTold
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

/** Of a join of tables: it knows what its rows were, and whoever asks makes both tables tell. */
export class JoinOlds implements Olds {
  readonly areTold = true
  readonly #tables: readonly Olds[]

  constructor(tables: readonly Olds[]) {
    this.#tables = tables
  }

  ask(): void {
    for (const table of this.#tables) table.ask()
  }

  keep(): void {}

  learn(): void {
    this.ask()
  }
}
