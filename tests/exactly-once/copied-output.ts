import { createConsumer } from '@kafkado/consumer'
import type { Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { systemClock } from '@kafkado/core'
import { output } from './copier.ts'

/** What readers of committed records find of the copy, as it comes. */
export class CopiedOutput {
  readonly found: string[] = []
  readonly #reader
  readonly #reading: Promise<void>
  #waiting: { readonly enough: number; readonly resolve: () => void }[] = []

  constructor(transport: Transport) {
    this.#reader = createConsumer<string>(transport, output)
    this.#reading = this.#read()
  }

  /** Resolves when so many have been found. */
  reached(enough: number): Promise<void> {
    if (this.found.length >= enough) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ enough, resolve }))
  }

  /**
   * Resolves when each partition has been read to these ends: a record that is there twice has been seen twice then.
   */
  async readTo(ends: readonly { readonly partition: number; readonly latest: number }[]): Promise<void> {
    const isThere = ({ partition, latest }: (typeof ends)[number]): boolean => this.#positionOf(partition) >= latest
    while (!ends.every(isThere)) await sleep(systemClock, 10)
  }

  async close(): Promise<void> {
    await this.#reader.close()
    await this.#reading
  }

  #positionOf(partition: number): number {
    return this.#reader.health().partitions.find((one) => one.partition === partition)?.position ?? 0
  }

  async #read(): Promise<void> {
    for await (const { value } of this.#reader) {
      this.found.push(value)
      const isEnough = ({ enough }: { enough: number }): boolean => this.found.length >= enough
      for (const { resolve } of this.#waiting.filter(isEnough)) resolve()
      this.#waiting = this.#waiting.filter((one) => !isEnough(one))
    }
  }
}
