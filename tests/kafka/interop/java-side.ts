import { JavaPeer } from './java-peer.ts'
import type { PlainRecord } from './sample-records.ts'

/** Settings of Kafka's clients, by Kafka's names. */
export type JavaConfig = Readonly<Record<string, string>>

/** One that Java has read. */
export interface JavaRecord extends PlainRecord {
  readonly partition: number
  readonly offset: number
}

/** What Java is to write: a key as text is serialised there. */
export interface JavaMessage extends PlainRecord {
  readonly textKey?: string
  readonly partition?: number
}

export interface JavaMetadata {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

interface JavaGroup {
  readonly type: string
  readonly state: string
  readonly members: readonly { readonly clientId: string; readonly partitions: readonly number[] }[]
}

/** A producer of Java's. */
export class JavaProducer implements AsyncDisposable {
  readonly #peer: JavaPeer
  readonly #name: string

  constructor(peer: JavaPeer, name: string) {
    this.#peer = peer
    this.#name = name
  }

  async send(topic: string, records: readonly JavaMessage[]): Promise<JavaMetadata[]> {
    return (await this.#call('send', { topic, records })) as JavaMetadata[]
  }

  async begin(): Promise<void> {
    await this.#call('begin')
  }

  async commit(): Promise<void> {
    await this.#call('commit')
  }

  async abort(): Promise<void> {
    await this.#call('abort')
  }

  /** For partition 0. */
  async sendOffsets(group: string, topic: string, offset: number): Promise<void> {
    await this.#call('sendOffsets', { group, topic, offset })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#call('closeProducer')
  }

  #call(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    return this.#peer.call(command, { name: this.#name, ...parameters })
  }
}

/** Apache Kafka's own clients in one process of Java. */
export class JavaSide implements AsyncDisposable {
  readonly peer: JavaPeer
  #count = 0

  constructor(bootstrapServers: string) {
    this.peer = new JavaPeer(bootstrapServers)
  }

  /** A name for what is made in the process. */
  name(kind: string): string {
    return `java-${kind}-${++this.#count}`
  }

  async producer(config: JavaConfig = {}): Promise<JavaProducer> {
    const name = this.name('producer')
    await this.peer.call('openProducer', { name, config })
    return new JavaProducer(this.peer, name)
  }

  async write(topic: string, records: readonly JavaMessage[], config: JavaConfig = {}): Promise<JavaMetadata[]> {
    await using producer = await this.producer(config)
    return await producer.send(topic, records)
  }

  /** The first records of a topic, or all that it has now, by partition and offset. */
  async read(topic: string, config: JavaConfig = {}, count?: number): Promise<JavaRecord[]> {
    const records = (await this.peer.call('read', { topic, config, count })) as JavaRecord[]
    return records.sort((left, right) => left.partition - right.partition || left.offset - right.offset)
  }

  /** What the admin client says, when transactions that have ended are ended for the group too. */
  async groupOffsets(group: string): Promise<GroupOffset[]> {
    return (await this.peer.call('listGroupOffsets', { group })) as GroupOffset[]
  }

  /** What a consumer of the group is told of partition 0. */
  async committed(group: string, topic: string): Promise<GroupOffset[]> {
    return (await this.peer.call('committed', { group, topic })) as GroupOffset[]
  }

  async describeGroup(group: string): Promise<JavaGroup> {
    return (await this.peer.call('describeGroup', { group })) as JavaGroup
  }

  /** Who has written to partition 0 with a producer id. */
  async activeProducers(topic: string): Promise<{ producerId: number; producerEpoch: number; lastSequence: number }[]> {
    return (await this.peer.call('activeProducers', { topic })) as never
  }

  async configureGroup(group: string, config: JavaConfig): Promise<void> {
    await this.peer.call('configureGroup', { group, config })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.peer[Symbol.asyncDispose]()
  }
}

/** Without place, to compare with what was written. */
export function contentOf({ timestamp, key, value, headers }: PlainRecord): PlainRecord {
  return { timestamp, key, value, headers }
}
