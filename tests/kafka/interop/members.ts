import { type Consumer, type ConsumerConfig, createConsumer, type TopicPartition } from '@kafkado/consumer'
import type { JavaConfig, JavaRecord, JavaSide } from './java-side.ts'
import { bytesTopic, type BytesRecord, type OurSide } from './our-side.ts'
import { type Seen, SeenByMember } from './seen.ts'

const numbers = (partitions: readonly TopicPartition[]): number[] => partitions.map(({ partition }) => partition)

/** A consumer of ours that reads in a loop. */
export class OurMember extends SeenByMember<BytesRecord> implements AsyncDisposable {
  readonly #consumer: Consumer<Uint8Array, Uint8Array>
  readonly #loop: Promise<void>

  constructor(ours: OurSide, topic: string, config: ConsumerConfig, seen: Seen) {
    super(seen)
    this.#consumer = createConsumer(ours.transport, bytesTopic(topic), {
      onAssigned: (partitions) => this.assigned(numbers(partitions)),
      onRevoked: (partitions) => this.revoked(numbers(partitions)),
      onLost: (partitions) => this.revoked(numbers(partitions)),
      ...config,
    })
    this.#loop = this.#read().catch((error: unknown) => seen.failed(error))
  }

  async #read(): Promise<void> {
    for await (const record of this.#consumer) this.take([record])
  }

  /** Commits and leaves the group. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.close()
    await this.#loop
  }
}

/** A consumer of Java's that reads in a loop. */
export class JavaMember extends SeenByMember<JavaRecord> implements AsyncDisposable {
  readonly #java: JavaSide
  readonly #name: string
  #closing: Promise<unknown> | undefined

  private constructor(java: JavaSide, seen: Seen) {
    super(seen)
    this.#java = java
    this.#name = java.name('consumer')
    java.peer.listen(this.#name, ({ event, records, partitions, error }) => {
      if (event === 'records') this.take(records as JavaRecord[])
      else if (event === 'assigned') this.assigned(partitions as number[])
      else if (event === 'revoked') this.revoked(partitions as number[])
      else seen.failed(new Error(`Apache Kafka's Java consumer failed: ${String(error)}`))
    })
  }

  static async open(java: JavaSide, topic: string, config: JavaConfig, seen: Seen): Promise<JavaMember> {
    const member = new JavaMember(java, seen)
    await java.peer.call('openConsumer', { name: member.#name, topic, config })
    return member
  }

  /** Commits and leaves the group. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#closing ??= this.#java.peer.call('closeConsumer', { name: this.#name }))
  }
}
