import type { Harness } from '@kafkado/testing/conformance'

export const partitionCount = 3

/** One kind of work that goes on while servers die, and what it was told meanwhile. */
export interface LoadPart {
  /** How much of what was done. */
  readonly counts: Readonly<Record<string, number>>
  /** Lets it come to its end. */
  stop(): Promise<void>
  /** Compares what is there with what was told; returns everything that is wrong. */
  check(harness: Harness): Promise<string[]>
}

/** Lets whoever ends servers wait until so many more answers have come. */
export class Progress {
  #told = 0
  #waiting: { readonly enough: number; readonly resolve: () => void }[] = []

  tell(): void {
    this.#told++
    const isEnough = ({ enough }: { enough: number }): boolean => this.#told >= enough
    if (!this.#waiting.some(isEnough)) return
    for (const { resolve } of this.#waiting.filter(isEnough)) resolve()
    this.#waiting = this.#waiting.filter((one) => !isEnough(one))
  }

  more(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ enough: this.#told + count, resolve }))
  }
}
