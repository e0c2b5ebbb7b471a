import { KafkaError, offsetFetch, type Transport } from '@kafkado/core'
import { type Consumer, createConsumer, type TopicPartition } from '@kafkado/consumer'
import type { Harness } from '@kafkado/testing/conformance'
import { within } from '../within.ts'
import { type LoadPart, partitionCount, type Progress } from './load-part.ts'

const groupId = 'readers'
/** A commit after so many records of a member, besides those that come by themselves. */
const recordsBetweenCommits = 25
/** So long the group may need at the end to catch up: sessions and rebalances are over long before. */
const catchUpMs = 180_000

/** Two members of a group, which read a topic, commit, and go on after every outage. */
export class GroupLoad implements LoadPart {
  readonly #topic: string
  readonly #progress: Progress
  readonly #members: Consumer<number>[]
  readonly #running: Promise<unknown>
  readonly #processed = Array.from({ length: partitionCount }, () => new Set<number>())
  /** The highest commit of each partition that a member was told of. */
  readonly #committed: number[] = Array.from({ length: partitionCount }, () => -1)
  readonly #wrong: string[] = []
  #commits = 0
  #repeated = 0
  #onProcessed: () => void = () => undefined

  constructor(transport: Transport, topic: string, progress: Progress) {
    this.#topic = topic
    this.#progress = progress
    const members = [0, 1].map((index) => new Member(transport, topic, index))
    this.#members = members.map(({ consumer }) => consumer)
    this.#running = Promise.all(
      members.map((member) =>
        this.#read(member).catch((error: unknown) => {
          this.#wrong.push(`a member of the group ended with ${String(error)}`)
        }),
      ),
    )
  }

  get counts(): Record<string, number> {
    const processed = this.#processed.reduce((sum, { size }) => sum + size, 0)
    return {
      'records processed by the group': processed,
      'records processed again': this.#repeated,
      'commits acknowledged': this.#commits,
    }
  }

  /** Once what was to be read has been written: the group has to come to its end before it is left. */
  async stop(): Promise<void> {
    const { ends } = this
    const hasAll = (): boolean => this.#processed.every(({ size }, partition) => size >= (ends[partition] as number))
    const all = new Promise<void>((resolve) => {
      this.#onProcessed = () => hasAll() && resolve()
      this.#onProcessed()
    })
    await within(all, catchUpMs, 'the reading of the group').catch((error: unknown) => {
      this.#wrong.push(
        `${String(error)}: of ${ends.join(', ')} records ${this.#processed.map(({ size }) => size).join(', ')}`,
      )
    })
    await Promise.all(this.#members.map((member) => member.close()))
    await this.#running
  }

  /** How many records each partition has in the end. */
  ends: readonly number[] = []

  async check({ transport }: Harness): Promise<string[]> {
    const topics = [{ topic: this.#topic, partitions: [...Array(partitionCount).keys()] }]
    const request = { groupId, memberId: null, memberEpoch: -1, topics, requireStable: true }
    const answer = await transport.send(offsetFetch, request)
    const wrong = [...this.#wrong]
    for (const { partition, committedOffset } of answer.topics[0]?.partitions ?? []) {
      const told = this.#committed[partition] as number
      if (committedOffset < told)
        wrong.push(`the group has committed ${committedOffset} of partition ${partition}, ${told} was acknowledged`)
      const processed = this.#processed[partition] as Set<number>
      for (let offset = 0; offset < committedOffset; offset++) {
        if (!processed.has(offset))
          wrong.push(`the group has committed ${committedOffset} of partition ${partition}, ${offset} is not processed`)
      }
    }
    return wrong
  }

  async #read(member: Member): Promise<void> {
    let count = 0
    for await (const { partition, offset } of member.consumer) {
      const processed = this.#processed[partition] as Set<number>
      if (processed.has(offset)) this.#repeated++
      processed.add(offset)
      this.#onProcessed()
      if (++count % recordsBetweenCommits === 0) await this.#commit(member)
      // What the loop has finished is committed by the next commit, and that is the record before this one.
      member.finished(partition, offset)
    }
  }

  async #commit(member: Member): Promise<void> {
    const covered = member.covered()
    try {
      await member.consumer.commit()
    } catch (error) {
      if (!KafkaError.is(error)) throw error
      return
    }
    this.#commits++
    this.#progress.tell()
    for (const [partition, next] of member.stillOwned(covered))
      this.#committed[partition] = Math.max(this.#committed[partition] as number, next)
  }
}

interface Stay {
  /** The offset after the last record that the loop has finished. */
  next: number
}

/**
 * A consumer, and what it has finished of the partitions it owns. A partition that goes and comes back is another stay.
 */
class Member {
  readonly consumer: Consumer<number>
  readonly #stays = new Map<number, Stay>()

  constructor(transport: Transport, topic: string, index: number) {
    const leave = (partitions: readonly TopicPartition[]): void => {
      for (const { partition } of partitions) this.#stays.delete(partition)
    }
    this.consumer = createConsumer<number>(transport, topic, {
      group: groupId,
      // One of them commits on its own as well.
      autoCommit: index === 0,
      autoCommitInterval: 200,
      fetchMaxWaitMs: 100,
      closeTimeout: '10s',
      onRevoked: leave,
      onLost: leave,
    })
  }

  finished(partition: number, offset: number): void {
    const stay = this.#stays.get(partition)
    if (stay) stay.next = offset + 1
    else this.#stays.set(partition, { next: offset + 1 })
  }

  covered(): Map<number, { stay: Stay; next: number }> {
    return new Map([...this.#stays].map(([partition, stay]) => [partition, { stay, next: stay.next }]))
  }

  stillOwned(covered: ReturnType<Member['covered']>): [partition: number, next: number][] {
    return [...covered]
      .filter(([partition, { stay }]) => this.#stays.get(partition) === stay)
      .map(([partition, { next }]) => [partition, next])
  }
}
