import { type Consumer, createConsumer, type TopicPartition } from '@kafkado/consumer'
import type { Transport } from '@kafkado/core'
import { until } from '../../passing-time.ts'
import { partitions } from './load.ts'
import type { Sprayer } from './sprayer.ts'

const members = 3

/** What a member was told of its partitions. */
interface Change {
  readonly member: number
  readonly what: 'assigned' | 'revoked' | 'lost'
  readonly partitions: readonly number[]
}

/** A group whose members read through the gateways, and what they have read. */
export class Readers {
  /** How often each value was read. */
  readonly seen = new Map<string, number>()
  /** What the members were told of their partitions since all had the same number of them. */
  changes: Change[] = []
  /** The epochs of the members at that time. One grows when its member has to join again or its partitions move. */
  epochsWhenBalanced: readonly unknown[] = []
  readonly failures: unknown[] = []
  readonly #transports: readonly Transport[]
  readonly #consumers: readonly Consumer<string>[]
  readonly #reading: readonly Promise<void>[]
  /** By member. */
  readonly #owned: readonly Set<number>[] = Array.from({ length: members }, () => new Set())
  readonly #waiting = new Set<() => void>()

  constructor(sprayer: Sprayer, topic: string, group: string) {
    this.#transports = Array.from({ length: members }, () => sprayer.transport())
    this.#consumers = this.#transports.map((transport, member) => {
      const note = (what: Change['what']) => (own: readonly TopicPartition[]) => {
        const numbers = own.map(({ partition }) => partition)
        this.changes.push({ member, what, partitions: numbers })
        for (const number of numbers) {
          if (what === 'assigned') this.#owned[member]?.add(number)
          else this.#owned[member]?.delete(number)
        }
        this.#tell()
      }
      return createConsumer<string>(transport, topic, {
        group,
        autoCommitInterval: '300ms',
        onAssigned: note('assigned'),
        onRevoked: note('revoked'),
        onLost: note('lost'),
      })
    })
    this.#reading = this.#consumers.map((consumer) => this.#read(consumer))
  }

  /**
   * Resolves when each member has as many partitions as the others, and has heard that this is where the group wants
   * it.
   */
  async balanced(): Promise<void> {
    await this.#until(() => this.#owned.every(({ size }) => size === partitions / members))
    await until(() => new Set(this.epochs()).size === 1)
    this.changes = []
    this.epochsWhenBalanced = this.epochs()
  }

  /** How many records were read more than once, each time counted. */
  get repeats(): number {
    return [...this.seen.values()].reduce((sum, count) => sum + count - 1, 0)
  }

  /** Resolves when all of these were read. */
  async saw(values: Iterable<string>): Promise<void> {
    const left = new Set(values)
    await this.#until(() => {
      for (const value of left) {
        if (!this.seen.has(value)) return false
        left.delete(value)
      }
      return true
    })
  }

  epochs(): unknown[] {
    return this.#consumers.map((consumer) => consumer.health().memberEpoch)
  }

  /** Has one of the members leave, and resolves when the others were told that its partitions are theirs. */
  async leaveOne(): Promise<void> {
    await this.#consumers[0]?.close()
    this.#owned[0]?.clear()
    await this.#until(() => this.#owned.reduce((sum, { size }) => sum + size, 0) === partitions)
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.close()))
    await Promise.all(this.#reading)
    await Promise.all(this.#transports.map((transport) => transport.close()))
  }

  async #read(consumer: Consumer<string>): Promise<void> {
    try {
      for await (const { value } of consumer) {
        this.seen.set(value, (this.seen.get(value) ?? 0) + 1)
        this.#tell()
      }
    } catch (error) {
      this.failures.push(error)
      this.#tell()
    }
  }

  /** Looks each time something was read or has changed. What has failed is never so. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.failures.length > 0) throw this.failures[0]
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
