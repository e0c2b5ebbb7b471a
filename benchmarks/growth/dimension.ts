/** What grows, step by step. */
export interface Dimension {
  readonly name: string
  readonly sizes: readonly number[]
  /** Does the work at one size. The first size runs twice: what compiles the code is not counted. */
  run(size: number, meter: Meter): Promise<void>
}

export interface Spent {
  readonly what: string
  readonly elements: number
  /** CPU time of the process, in µs; or bytes of memory. */
  readonly amount: number
  readonly unit: 'µs' | 'bytes'
}

/** Takes down what each part of a run has spent. */
export class Meter {
  readonly spent: Spent[] = []
  #before = process.cpuUsage()

  /** What is spent from here on belongs to the next part. */
  start(): void {
    this.#before = process.cpuUsage()
  }

  /** @param elements of what was done since the last part; a cost for each of them is printed */
  stop(what: string, elements: number): void {
    const { user, system } = process.cpuUsage(this.#before)
    this.spent.push({ what, elements, amount: user + system, unit: 'µs' })
    this.start()
  }

  memory(what: string, elements: number, amount: number): void {
    this.spent.push({ what, elements, amount, unit: 'bytes' })
    this.start()
  }
}
