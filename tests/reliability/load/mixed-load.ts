import { createTopics, listOffsets, type Random, type Transport } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { Harness } from '@kafkado/testing/conformance'
import { GroupLoad } from './group-load.ts'
import { LedgerLoad } from './ledger-load.ts'
import { type LoadPart, partitionCount, Progress } from './load-part.ts'
import { NumbersLoad } from './numbers-load.ts'

const topics = { numbers: 'numbers', plain: 'plain', ledger: 'ledger' } as const

/**
 * Everything that has to survive the death of a server: plain, idempotent and transactional records, and a group with
 * its commits.
 */
export class MixedLoad {
  readonly #harness: Harness
  readonly #random: Random
  /**
   * One for each kind of work, as the slower ones would have no part in what happens while answers of the fastest are
   * counted.
   */
  readonly #progress = {
    idempotent: new Progress(),
    plain: new Progress(),
    ledger: new Progress(),
    group: new Progress(),
  }
  readonly #writers: readonly LoadPart[]
  readonly #group: GroupLoad

  /** Makes the topics, and begins. */
  static async start(transport: Transport, random: Random): Promise<MixedLoad> {
    const configs = [{ name: 'retention.ms', value: '-1' }]
    await transport.send(createTopics, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: Object.values(topics).map((topic) => ({
        topic,
        numPartitions: partitionCount,
        replicationFactor: -1,
        configs,
      })),
    })
    return new MixedLoad(transport, random)
  }

  private constructor(transport: Transport, random: Random) {
    this.#harness = new Harness(transport, 'load')
    this.#random = random
    const { idempotent, plain, ledger, group } = this.#progress
    this.#writers = [
      new NumbersLoad(transport, topics.numbers, true, idempotent),
      new NumbersLoad(transport, topics.plain, false, plain),
      new LedgerLoad(transport, topics.ledger, random, ledger),
    ]
    this.#group = new GroupLoad(transport, topics.numbers, group)
  }

  /** Resolves when chance has it: some more answers have come, for a kind of work that is drawn. */
  someMore(): Promise<void> {
    const { idempotent, plain, ledger, group } = this.#progress
    const [progress, most] = this.#draw([
      [idempotent, 60],
      [plain, 60],
      [ledger, 30],
      [group, 3],
    ])
    return progress.more(1 + Math.floor(this.#random.next() * most))
  }

  get counts(): Record<string, number> {
    return Object.assign({}, ...[...this.#writers, this.#group].map(({ counts }) => counts)) as Record<string, number>
  }

  /** Ends it and compares what is there with what was told; returns everything that is wrong. */
  async finish(): Promise<string[]> {
    await Promise.all(this.#writers.map((writer) => writer.stop()))
    this.#group.ends = await this.#ends()
    await this.#group.stop()
    const wrong: string[] = []
    for (const part of [...this.#writers, this.#group]) wrong.push(...(await part.check(this.#harness)))
    return wrong
  }

  #draw<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)] as T
  }

  async #ends(): Promise<number[]> {
    const partitions = [...Array(partitionCount).keys()].map((partition) => ({
      partition,
      timestamp: listOffsetsTimestamp.latest,
    }))
    const answer = await this.#harness.transport.send(listOffsets, {
      isolationLevel: 'read_uncommitted',
      topics: [{ topic: topics.numbers, partitions }],
    })
    return (answer.topics[0]?.partitions ?? []).map(({ offset }) => offset)
  }
}
