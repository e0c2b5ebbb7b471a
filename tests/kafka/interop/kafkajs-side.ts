import { type Consumer, type IHeaders, Kafka, type KafkaMessage, logLevel, type Message, Partitioners } from 'kafkajs'
import { base64, type PlainRecord } from './sample-records.ts'
import { type Seen, SeenByMember, type SeenRecord } from './seen.ts'

/** One that kafkajs has read. */
export interface KafkajsRecord extends PlainRecord, SeenRecord {}

export function kafkajsClient(bootstrapServers: string): Kafka {
  return new Kafka({ brokers: bootstrapServers.split(','), clientId: 'kafkajs', logLevel: logLevel.NOTHING })
}

/** The partitioner that it has to be told of, or else it prints a warning. */
export const createPartitioner = Partitioners.DefaultPartitioner

export function kafkajsMessageOf({ timestamp, key, value, headers }: PlainRecord): Message {
  const content = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'))
  const written: IHeaders = {}
  for (const [name, text] of headers) {
    // Headers of one name are a list there.
    const others = [written[name] ?? []].flat()
    written[name] = [...others, content(text) ?? Buffer.alloc(0)]
  }
  return { timestamp: String(timestamp), key: content(key), value: content(value), headers: written }
}

function plainOf({ timestamp, key, value, headers = {} }: KafkaMessage): PlainRecord {
  return {
    timestamp: Number(timestamp),
    key: base64(key),
    value: base64(value),
    headers: Object.entries(headers).flatMap(([name, contents]) =>
      // The types do not say that a header may be without a value, which is null.
      [contents ?? null].flat().map((content) => [name, base64(content)] as const),
    ),
  }
}

/** A consumer of kafkajs in a classic group, which is all that it knows. */
export class KafkajsMember extends SeenByMember<KafkajsRecord> implements AsyncDisposable {
  readonly #consumer: Consumer

  private constructor(kafka: Kafka, groupId: string, seen: Seen) {
    super(seen)
    // It tells that it is alive between two fetches only.
    this.#consumer = kafka.consumer({ groupId, heartbeatInterval: 200, maxWaitTimeInMs: 100 })
    // It may begin again by itself, as it does where a broker was started just now and still looks for the group.
    this.#consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) seen.failed(payload.error)
    })
  }

  static async open(kafka: Kafka, topic: string, groupId: string, seen: Seen): Promise<KafkajsMember> {
    const member = new KafkajsMember(kafka, groupId, seen)
    const consumer = member.#consumer
    consumer.on('consumer.group_join', ({ payload }) => {
      member.revoked(member.partitions)
      member.assigned(payload.memberAssignment[topic] ?? [])
    })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        member.take([{ ...plainOf(message), partition, offset: Number(message.offset) }])
        await Promise.resolve()
      },
    })
    return member
  }

  /** Commits and leaves the group. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.disconnect()
  }
}
