import { type Random, seededRandom } from '@kafkado/core'

/** Draws the parts of a plan. */
export class Draw {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** A number from the one up to below the other. */
  between(least: number, most: number): number {
    return least + this.#random.next() * (most - least)
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1))
  }

  chance(rate: number): boolean {
    return this.#random.next() < rate
  }

  one<T>(...list: readonly T[]): T {
    return list[Math.floor(this.#random.next() * list.length)] as T
  }

  /** A list of what is made so often, both ends included. */
  some<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.whole(least, most) }, (_, index) => make(index))
  }
}
