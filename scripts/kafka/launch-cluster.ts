import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BrokerProcess } from './broker-process.ts'
import { brokerProperties, formatProperties, type Listener, type NodeAddress } from './broker-properties.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { endWithParent } from './end-with-parent.ts'
import { freePorts } from './free-ports.ts'
import type { ClusterOptions, KafkaCluster, SecureAddresses } from './kafka-cluster.ts'
import { runKafkaTool } from './kafka-tool.ts'
import { scramArguments, secureListeners, users } from './security.ts'

/** Any would do, but a folder that is used again must find its own. */
const clusterId = 'kafkado-cluster-000001'

/** What `startKafkaCluster` does when everything it needs is there; further options of Java go to every broker. */
export async function launchCluster(
  options: ClusterOptions,
  jvmOptions: readonly string[] = [],
): Promise<KafkaCluster> {
  const kept = options.folder !== undefined
  const folder = kept ? resolve(options.folder) : mkdtempSync(join(tmpdir(), 'kafkado-kafka-'))
  const parentWatch = endWithParent(kept ? undefined : folder)
  const brokers: BrokerProcess[] = []
  const tell = (): void => parentWatch.watch(brokers.flatMap(({ pid }) => pid ?? []))

  const close = async (): Promise<void> => {
    // A folder that nobody will read again needs no care, and the last node of three finds no controller any more.
    await Promise.all(brokers.map((broker) => (kept ? broker.stop(5_000).catch(() => undefined) : broker.kill())))
    parentWatch.done()
    if (!kept) rmSync(folder, { recursive: true, force: true })
  }

  try {
    const nodes = await chooseAddresses(options)
    const certificates = options.security ? makeCertificates(join(folder, 'certificates')) : undefined
    for (const node of nodes) {
      const nodeFolder = join(folder, `node-${node.nodeId}`)
      const propertiesFile = join(nodeFolder, 'server.properties')
      const properties = brokerProperties(node, nodes, join(nodeFolder, 'data'), certificates)
      mkdirSync(nodeFolder, { recursive: true })
      writeFileSync(propertiesFile, formatProperties({ ...properties, ...options.brokerConfig }))
      brokers.push(
        new BrokerProcess({
          nodeId: node.nodeId,
          port: portOf(node, 'PLAINTEXT'),
          propertiesFile,
          logFile: join(nodeFolder, 'broker.log'),
          jvmOptions: [...(options.longRunning ? [] : ['-XX:TieredStopAtLevel=1']), ...jvmOptions],
          onProcess: tell,
        }),
      )
    }
    await Promise.all(nodes.map(({ nodeId }) => format(join(folder, `node-${nodeId}`, 'server.properties'))))
    // Together, because the first alone is no majority.
    await Promise.all(brokers.map((broker) => broker.start()))
    return {
      bootstrapServers: bootstrapServers(nodes, 'PLAINTEXT'),
      secure: certificates && secureAddresses(nodes, certificates),
      brokers,
      folder,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function chooseAddresses({ brokers, port, security }: ClusterOptions): Promise<NodeAddress[]> {
  const listeners: Listener[] = ['PLAINTEXT', 'CONTROLLER', ...(security ? secureListeners : [])]
  const ports = await freePorts(brokers * listeners.length)
  return Array.from({ length: brokers }, (_, index) => {
    const own = listeners.map((listener) => [listener, ports.pop()] as const)
    const wanted = port === undefined ? {} : { PLAINTEXT: port + index }
    return { nodeId: index + 1, ports: { ...Object.fromEntries(own), ...wanted } }
  })
}

/** Does nothing to a folder that was formatted before. */
async function format(propertiesFile: string): Promise<void> {
  const args = ['format', '--ignore-formatted', '--cluster-id', clusterId, '--config', propertiesFile]
  // Whoever becomes the first leader of the controllers puts the users into the metadata, so all are told of them.
  await runKafkaTool('kafka.tools.StorageTool', [...args, ...scramArguments()])
}

function secureAddresses(nodes: readonly NodeAddress[], certificates: Certificates): SecureAddresses {
  const { caFile, clientCertificateFile, clientKeyFile } = certificates
  return {
    saslPlaintext: bootstrapServers(nodes, 'SASL_PLAINTEXT'),
    saslSsl: bootstrapServers(nodes, 'SASL_SSL'),
    ssl: bootstrapServers(nodes, 'SSL'),
    caFile,
    clientCertificateFile,
    clientKeyFile,
    users,
  }
}

function bootstrapServers(nodes: readonly NodeAddress[], listener: Listener): string {
  return nodes.map((node) => `localhost:${portOf(node, listener)}`).join(',')
}

function portOf({ ports }: NodeAddress, listener: Listener): number {
  const port = ports[listener]
  if (port === undefined) throw new Error(`no listener ${listener}`)
  return port
}
