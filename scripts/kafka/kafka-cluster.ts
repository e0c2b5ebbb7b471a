import { makeClassArchive } from './class-archive.ts'
import { launchCluster } from './launch-cluster.ts'
import type { User } from './security.ts'

export interface ClusterOptions {
  readonly brokers: 1 | 3
  /** Opens listeners for SASL_PLAINTEXT, SASL_SSL and SSL as well. */
  readonly security?: boolean
  /** Keeps everything, for the next cluster there. Without it all lies in a folder that `close` removes. */
  readonly folder?: string
  /** Of the first broker's PLAINTEXT listener, the others follow. Without it any free ports. */
  readonly port?: number
  /**
   * For people and benchmarks: Java compiles thoroughly what runs often. It takes twice the time of a processor to
   * start, and half a million records until that pays.
   */
  readonly longRunning?: boolean
  /** Settings of Kafka's brokers; they come before those of broker-properties.ts. */
  readonly brokerConfig?: Readonly<Record<string, string>>
}

/** Brokers of Apache Kafka, each of which is a controller as well, on this machine alone. */
export interface KafkaCluster {
  /** `localhost:9092,localhost:9093`: the PLAINTEXT listeners. */
  readonly bootstrapServers: string
  /** The other listeners, where they were asked for. */
  readonly secure: SecureAddresses | undefined
  readonly brokers: readonly KafkaBroker[]
  readonly folder: string
  /** Ends all processes, and removes the folder if it is a temporary one. */
  close(): Promise<void>
}

/** PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 know the users; OAUTHBEARER takes any unsecured token. */
export interface SecureAddresses {
  readonly saslPlaintext: string
  readonly saslSsl: string
  /** Takes clients with a certificate of the authority, and without one. */
  readonly ssl: string
  /** The certificate of the authority, in PEM form as the others. */
  readonly caFile: string
  readonly clientCertificateFile: string
  readonly clientKeyFile: string
  readonly users: readonly User[]
}

export interface KafkaBroker {
  readonly nodeId: number
  /** `localhost:PORT` of its PLAINTEXT listener. */
  readonly address: string
  readonly logFile: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  /** As kill -9 does; resolves when it is gone. */
  kill(): Promise<void>
  /** Hands its partitions over first. */
  stop(): Promise<void>
  /** Again, on the same folder and ports; resolves when it serves. */
  start(): Promise<void>
}

/**
 * Starts a cluster and waits until all of its brokers serve. Its processes end with this one, however that ends.
 *
 * @throws {LibrariesUnavailable} when Apache Kafka cannot be fetched or run here
 */
export async function startKafkaCluster(options: ClusterOptions): Promise<KafkaCluster> {
  await makeClassArchive()
  return launchCluster(options)
}
