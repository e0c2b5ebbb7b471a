import { securityProperties, type SecureListener } from './security.ts'
import type { Certificates } from './certificates.ts'

/** Each broker is a controller as well. */
export type Listener = 'PLAINTEXT' | 'CONTROLLER' | SecureListener

/** Where a node listens. */
export interface NodeAddress {
  readonly nodeId: number
  /** By listener; one that is missing is not opened. */
  readonly ports: Readonly<Partial<Record<Listener, number>>>
}

/** The settings of one node among all those of a cluster. */
export function brokerProperties(
  { nodeId, ports }: NodeAddress,
  cluster: readonly NodeAddress[],
  dataFolder: string,
  certificates: Certificates | undefined,
): Record<string, string> {
  const addresses = (host: string, listeners: readonly [string, number][]): string =>
    listeners.map(([listener, port]) => `${listener}://${host}:${port}`).join(',')
  const listeners = Object.entries(ports)
  const replicas = String(Math.min(3, cluster.length))
  const inSync = cluster.length < 3 ? '1' : '2'
  return {
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.voters': cluster.map((one) => `${one.nodeId}@127.0.0.1:${one.ports.CONTROLLER}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: addresses('127.0.0.1', listeners),
    'advertised.listeners': addresses(
      'localhost',
      listeners.filter(([listener]) => listener !== 'CONTROLLER'),
    ),
    'listener.security.protocol.map': listeners
      .map(([listener]) => `${listener}:${listener === 'CONTROLLER' ? 'PLAINTEXT' : listener}`)
      .join(','),
    'log.dirs': dataFolder,

    'auto.create.topics.enable': 'true',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '5',

    // What lets tests go on sooner: a group starts at once, and a timeout is noticed when it is over.
    'group.initial.rebalance.delay.ms': '0',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    // A node that was killed can come back, and its partitions get another leader, when these have passed.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // What a group or a member may ask for, not what they get unasked.
    'group.min.session.timeout.ms': '100',
    'group.consumer.min.session.timeout.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '100',
    // Of the heap, which is small; Kafka's own value is 128 MiB.
    'log.cleaner.dedupe.buffer.size': '16777216',

    ...(certificates && securityProperties(certificates)),
  }
}

/** In the form of Java's properties files, which are Latin-1 and take a backslash for the start of an escape. */
export function formatProperties(properties: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string =>
    value
      .replaceAll('\\', '\\\\')
      .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('')
}
