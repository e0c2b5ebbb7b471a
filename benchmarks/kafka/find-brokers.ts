import { type KafkaCluster, startKafkaCluster } from '../../scripts/kafka/kafka-cluster.ts'
import { LibrariesUnavailable } from '../../scripts/maven-libraries.ts'
import { sayLoudly } from './say-loudly.ts'

interface FoundBrokers extends AsyncDisposable {
  readonly brokers: string
}

/**
 * The brokers that KAFKA_BROKERS names, or one of Apache Kafka that is started for the benchmark; undefined where it
 * cannot be had.
 */
export async function findBrokers(): Promise<FoundBrokers | undefined> {
  const given = process.env['KAFKA_BROKERS']
  if (given) return { brokers: given, [Symbol.asyncDispose]: () => Promise.resolve() }
  try {
    const cluster = await startBroker()
    return { brokers: cluster.bootstrapServers, [Symbol.asyncDispose]: () => cluster.close() }
  } catch (error) {
    if (!(error instanceof LibrariesUnavailable)) throw error
    sayLoudly(
      `NOTHING MEASURED: there is no Apache Kafka here. ${error.message}`,
      'It needs Java 17 and Maven, or KAFKA_BROKERS.',
    )
    process.exitCode = 1
    return undefined
  }
}

/**
 * One broker, whose Java compiles as thoroughly as in production.
 *
 * @throws {LibrariesUnavailable} where it cannot be had
 */
export function startBroker(): Promise<KafkaCluster> {
  // Else what was measured stays on the disk for another minute.
  return startKafkaCluster({ brokers: 1, longRunning: true, brokerConfig: { 'file.delete.delay.ms': '1000' } })
}
