import { memory } from '@kafkado/broker'
import { type Consumer, createConsumer } from '@kafkado/consumer'
import { intercept, type Interceptor, offsetCommit, type OffsetCommitRequest, seededRandom } from '@kafkado/core'
import { ManualClock, sleep } from '@kafkado/core/internal'
import { batch, Harness } from '@kafkado/testing/conformance'

const topic = 'numbers'
const partitionCount = 6
const mostMembers = 3

interface Member {
  readonly name: string
  readonly consumer: Consumer<number>
  readonly owned: Set<number>
  isCrashed: boolean
  reading: Promise<void>
}

/**
 * A group whose members join, leave and crash at random, on a clock that the test moves. Notes everything that a group must never do:
 * `violations` has to stay empty.
 */
export class GroupChurn {
  readonly clock = new ManualClock()
  readonly violations: string[] = []
  readonly events = new Map<string, number>()
  produced = 0
  repeated = 0
  readonly #random: ReturnType<typeof seededRandom>
  readonly #runtime: { clock: ManualClock; random: ReturnType<typeof seededRandom> }
  readonly #engine
  readonly #members = new Set<Member>()
  readonly #processed = Array.from({ length: partitionCount }, () => new Set<number>())
  readonly #processing = new Map<number, string>()
  #count = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    this.#runtime = { clock: this.clock, random: this.#random }
    this.#engine = memory({ runtime: this.#runtime, defaultPartitions: partitionCount })
  }

  /** One thing that happens, and a while in which it has its effects. */
  async step(): Promise<void> {
    const living = [...this.#members].filter(({ isCrashed }) => !isCrashed)
    const choice = this.#random.next()
    const chosen = living[Math.floor(this.#random.next() * living.length)]
    if (living.length === 0 || (choice < 0.25 && living.length < mostMembers)) this.#join()
    else if (choice < 0.35 && chosen) this.#leave(chosen)
    else if (choice < 0.45 && chosen) this.#crash(chosen)
    else await this.#produce()
    await this.clock.advanceAsync(Math.floor(this.#random.next() * 8000))
    this.#checkOwners()
  }

  /** Lets the group come to rest, with one member at least; then everything has to have been processed. */
  async finish(): Promise<void> {
    this.#join()
    await this.clock.advanceAsync('10m')
    for (const [partition, processed] of this.#processed.entries()) {
      for (let offset = 0; offset < this.#ends[partition]!; offset++)
        if (!processed.has(offset)) this.violations.push(`record ${partition}/${offset} was never processed`)
    }
    for (const { consumer, isCrashed } of this.#members) if (!isCrashed) void consumer.close()
    await this.clock.advanceAsync('1m')
    await this.#engine.close()
  }

  readonly #ends = Array.from({ length: partitionCount }, () => 0)

  async #produce(): Promise<void> {
    this.#note('produce')
    const harness = new Harness(this.#engine, 'churn')
    for (let count = 0; count < 5; count++) {
      const partition = Math.floor(this.#random.next() * partitionCount)
      const { baseOffset } = await harness.produce(topic, batch([{ value: '1' }, { value: '2' }]), partition)
      this.#ends[partition] = baseOffset + 2
      this.produced += 2
    }
  }

  #join(): void {
    this.#note('join')
    const name = `member ${this.#count++}`
    const owned = new Set<number>()
    const take = (partition: number): void => {
      const owner = [...this.#members].find((other) => !other.isCrashed && other.owned.has(partition))
      if (owner) this.violations.push(`${name} got partition ${partition}, which ${owner.name} still has`)
      owned.add(partition)
    }
    const drop = (partition: number): void => void owned.delete(partition)
    const each = (act: (partition: number) => void) => (given: readonly { partition: number }[]) =>
      given.forEach(({ partition }) => act(partition))
    const transport = intercept(
      this.#engine,
      this.#watch(() => member),
    )
    const consumer = createConsumer<number>(transport, topic, {
      group: 'churn',
      runtime: this.#runtime,
      onAssigned: each(take),
      onRevoked: each(drop),
      onLost: each(drop),
    })
    const member: Member = { name, consumer, owned, isCrashed: false, reading: Promise.resolve() }
    this.#members.add(member)
    member.reading = this.#read(member).catch((error: unknown) => {
      if (!member.isCrashed) this.violations.push(`${name} failed: ${String(error)}`)
    })
  }

  async #read(member: Member): Promise<void> {
    for await (const { partition, offset } of member.consumer) {
      const other = this.#processing.get(partition)
      if (other !== undefined) this.violations.push(`${member.name} and ${other} have ${partition}/${offset} in hand`)
      this.#processing.set(partition, member.name)
      await sleep(this.clock, Math.floor(this.#random.next() * 200))
      // Whoever has crashed has not done it.
      if (member.isCrashed) return
      if (this.#processing.get(partition) === member.name) this.#processing.delete(partition)
      const processed = this.#processed[partition] as Set<number>
      if (processed.has(offset)) this.repeated++
      processed.add(offset)
    }
  }

  #leave(member: Member): void {
    this.#note('leave')
    // `close()` does not wait for a loop's body, which may be what calls it: the record in hand counts as unprocessed and comes again.
    for (const [partition, name] of this.#processing) if (name === member.name) this.#processing.delete(partition)
    void member.consumer.close().then(() => this.#members.delete(member))
  }

  /** Nothing that it sends arrives from now on, and no answer comes; what it had in hand is not done. */
  #crash(member: Member): void {
    this.#note('crash')
    member.isCrashed = true
    for (const [partition, name] of this.#processing) if (name === member.name) this.#processing.delete(partition)
  }

  #watch(memberOf: () => Member): Interceptor {
    return (next) => async (operation, request, options) => {
      if (memberOf().isCrashed) return new Promise(() => undefined)
      if (operation === offsetCommit) this.#checkCommit(memberOf().name, request as OffsetCommitRequest)
      const response = await next(operation, request, options)
      return memberOf().isCrashed ? new Promise(() => undefined) : response
    }
  }

  #checkCommit(name: string, { topics }: OffsetCommitRequest): void {
    for (const { partition, committedOffset } of topics.flatMap(({ partitions }) => partitions)) {
      const processed = this.#processed[partition] as Set<number>
      for (let offset = 0; offset < committedOffset; offset++) {
        if (!processed.has(offset))
          this.violations.push(
            `${name} commits ${committedOffset} of partition ${partition}, ${offset} is not processed`,
          )
      }
    }
  }

  #checkOwners(): void {
    const owners = new Map<number, string>()
    for (const { name, consumer, isCrashed } of this.#members) {
      if (isCrashed) continue
      for (const { partition } of consumer.assignment()) {
        const owner = owners.get(partition)
        if (owner !== undefined) this.violations.push(`${owner} and ${name} both own partition ${partition}`)
        owners.set(partition, name)
      }
    }
  }

  #note(event: string): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1)
  }
}
