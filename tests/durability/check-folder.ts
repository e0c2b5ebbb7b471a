import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { offsetFetch } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { batch, Harness, readAll, type ReadRecord, TestProducer } from '@kafkado/testing/conformance'
import { type Acknowledgement, groupId, partitionCount, topics, transactionalIds } from './acknowledgement.ts'

/** Opens what a crash has left and compares it with what was acknowledged; returns everything that is wrong. */
export async function checkFolder(folder: string, told: readonly Acknowledgement[]): Promise<string[]> {
  const transport = embedded(folder)
  try {
    const check = new FolderCheck(transport, told)
    await check.run()
    return check.violations
  } catch (error) {
    return [`the folder cannot be used: ${String(error)}`]
  } finally {
    await transport.close()
  }
}

class FolderCheck {
  readonly violations: string[] = []
  readonly #transport: EmbeddedTransport
  readonly #harness: Harness
  readonly #told: readonly Acknowledgement[]

  constructor(transport: EmbeddedTransport, told: readonly Acknowledgement[]) {
    this.#transport = transport
    this.#harness = new Harness(transport, 'check')
    this.#told = told
  }

  async run(): Promise<void> {
    await this.#transport.open()
    if (this.#told.length === 0) return
    await this.#checkNumbers()
    await this.#checkLedger()
    await this.#checkState()
    await this.#checkOffsets()
  }

  /** Every acknowledged record is at its offset, nothing is there twice, and the next offset follows. */
  async #checkNumbers(): Promise<void> {
    const values = new Set<string>()
    for (let partition = 0; partition < partitionCount; partition++) {
      const start = (await this.#harness.offsetFor(topics.numbers, listOffsetsTimestamp.earliest, partition)).offset
      const deleted = this.#of('deleted').filter((one) => one.partition === partition)
      if (start < Math.max(0, ...deleted.map(({ offset }) => offset)))
        this.#wrong(`partition ${partition} begins at ${start}`)
      const records = await this.#readAll(partition, start)
      records.forEach(({ offset, value }, index) => {
        if (offset !== start + index)
          this.#wrong(`offset ${offset} of partition ${partition} stands at place ${start + index}`)
        if (values.has(`${value}`)) this.#wrong(`${value?.slice(0, 9)} is there twice`)
        values.add(`${value}`)
      })
      for (const { offset, value } of this.#of('record').filter((one) => one.partition === partition)) {
        const found = records[offset - start]?.value?.split(':')[0]
        if (offset >= start && found !== value) this.#wrong(`record ${value} at ${partition}/${offset} is ${found}`)
      }
      const next = await this.#harness.produce(topics.numbers, batch([{ value: `check ${partition}` }]), partition)
      if (next.errorCode !== 0 || next.baseOffset !== start + records.length)
        this.#wrong(`the next offset of partition ${partition} is ${next.baseOffset} (${next.errorMessage})`)
    }
  }

  /** A transaction is there in all its partitions or in none, as it was acknowledged. */
  async #checkLedger(): Promise<void> {
    for (const id of transactionalIds) await new TestProducer(this.#harness, id).init()
    const found = new Map<string, number>()
    for (let partition = 0; partition < partitionCount; partition++) {
      for (const value of await this.#harness.committed(topics.ledger, 0, partition)) {
        const [name] = value.split('/') as [string]
        found.set(name, (found.get(name) ?? 0) + 1)
      }
    }
    for (const [name, count] of found)
      if (count !== partitionCount) this.#wrong(`transaction ${name} is there ${count} times`)
    for (const { name, committed } of this.#of('transaction'))
      if (found.has(name) !== committed) this.#wrong(`transaction ${name} was ${committed ? 'committed' : 'aborted'}`)
  }

  /** The last value of each key is the one acknowledged last, or one that came after it. */
  async #checkState(): Promise<void> {
    const found = new Map<string, number>()
    for (const { key, value } of await this.#harness.committedRecords(topics.state)) found.set(`${key}`, Number(value))
    const told = new Map(this.#of('key').map(({ key, value }) => [key, value]))
    for (const [key, value] of told)
      if ((found.get(key) ?? -1) < value) this.#wrong(`${key} is ${found.get(key)}, not ${value}`)
  }

  async #checkOffsets(): Promise<void> {
    const topicPartitions = [{ topic: topics.numbers, partitions: [0] }]
    const request = { groupId, memberId: null, memberEpoch: -1, topics: topicPartitions, requireStable: true }
    const found = (await this.#transport.send(offsetFetch, request)).topics[0]?.partitions[0]?.committedOffset ?? -1
    const told = Math.max(-1, ...this.#of('offset').map(({ committedOffset }) => committedOffset))
    if (found < told) this.#wrong(`the committed offset is ${found}, not ${told}`)
  }

  /** Decodes every batch, checksums too. */
  async #readAll(partition: number, start: number): Promise<ReadRecord[]> {
    const found: ReadRecord[] = []
    for (let offset = start; ;) {
      const fetched = await this.#harness.fetch(topics.numbers, offset, { partition, partitionMaxBytes: 10_000_000 })
      if (fetched.errorCode !== 0) throw new Error(`${fetched.errorMessage}`)
      const records = await readAll(fetched.records)
      if (records.length === 0) return found
      found.push(...records)
      offset += records.length
    }
  }

  #of<Kind extends Acknowledgement['kind']>(kind: Kind): Extract<Acknowledgement, { kind: Kind }>[] {
    return this.#told.filter((told): told is Extract<Acknowledgement, { kind: Kind }> => told.kind === kind)
  }

  #wrong(what: string): void {
    this.violations.push(what)
  }
}
