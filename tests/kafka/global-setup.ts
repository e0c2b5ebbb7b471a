import type { TestProject } from 'vitest/node'
import { untilServes } from '../../scripts/kafka/api-versions.ts'
import { type SecureAddresses, startKafkaCluster } from '../../scripts/kafka/kafka-cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The one broker that all files share: `inject('kafka')`. */
    kafka: {
      /** `localhost:9092` */
      readonly bootstrapServers: string
      /** Undefined for brokers given by KAFKA_BROKERS, whose other listeners nobody knows. */
      readonly secure: SecureAddresses | undefined
    }
  }
}

/** Answers how to end what it has started. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['KAFKA_BROKERS']
  if (given) {
    await untilAllServe(given)
    project.provide('kafka', { bootstrapServers: given, secure: undefined })
    return undefined
  }
  const cluster = await startKafkaCluster({ brokers: 1, security: true })
  project.provide('kafka', { bootstrapServers: cluster.bootstrapServers, secure: cluster.secure })
  return () => cluster.close()
}

/** A container that was started just now may need a while. */
async function untilAllServe(bootstrapServers: string): Promise<void> {
  const deadline = AbortSignal.timeout(60_000)
  await Promise.all(
    bootstrapServers.split(',').map((address) => {
      const colon = address.lastIndexOf(':')
      return untilServes(address.slice(0, colon), Number(address.slice(colon + 1)), deadline)
    }),
  )
}
