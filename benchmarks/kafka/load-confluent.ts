import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * What is used of @confluentinc/kafka-javascript. It is no dependency here because its install script downloads a
 * binary; build-confluent.ts builds it from its source instead.
 */
export interface ConfluentModule {
  readonly KafkaJS: {
    readonly Kafka: new (config: Config) => ConfluentKafka
    readonly logLevel: { readonly NOTHING: number }
  }
  readonly Producer: new (config: Config) => RdkafkaProducer
  readonly KafkaConsumer: new (config: Config) => RdkafkaConsumer
}

type Config = Readonly<Record<string, unknown>>

interface ConfluentKafka {
  producer(config: Config): {
    connect(): Promise<void>
    send(call: { topic: string; messages: { key: Buffer; value: Buffer }[] }): Promise<unknown>
    disconnect(): Promise<void>
  }
  consumer(config: Config): {
    connect(): Promise<void>
    subscribe(selection: { topics: string[] }): Promise<void>
    run(config: {
      eachBatch(payload: { batch: { messages: readonly { value: Buffer }[] } }): Promise<void>
    }): Promise<void>
    disconnect(): Promise<void>
  }
}

export interface RdkafkaClient {
  connect(options: object, callback: (error: Error | null) => void): void
  disconnect(callback: () => void): void
}

interface RdkafkaProducer extends RdkafkaClient {
  setPollInBackground(set: boolean): void
  produce(topic: string, partition: null, value: Buffer, key: Buffer): void
  on(event: 'delivery-report', listener: (error: Error | null) => void): void
}

interface RdkafkaConsumer extends RdkafkaClient {
  setDefaultConsumeTimeout(timeoutMs: number): void
  subscribe(topics: string[]): void
  consume(count: number, callback: (error: Error | null, messages: readonly { value: Buffer }[]) => void): void
}

/** Names the folder in which build-confluent.ts built the package. */
export const confluentFolderVariable = 'KAFKADO_CONFLUENT'
export const confluentPackage = '@confluentinc/kafka-javascript'

/** @throws where it was not built, or for another Node */
export function loadConfluent(): ConfluentModule {
  return createRequire(join(confluentFolder(), 'package.json'))(confluentPackage) as ConfluentModule
}

export function confluentVersion(): string {
  const manifest = join(confluentFolder(), 'node_modules', confluentPackage, 'package.json')
  const { version, librdkafka } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>
  return `${version} with librdkafka ${librdkafka}`
}

function confluentFolder(): string {
  const folder = process.env[confluentFolderVariable]
  if (!folder) throw new Error(`${confluentFolderVariable} names no folder`)
  return folder
}
