/** Apache Kafka for people: npm run kafka -- [--brokers 3] [--port 9092] [--security] [--data FOLDER] */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { LibrariesUnavailable } from '../maven-libraries.ts'
import { type ClusterOptions, type KafkaCluster, startKafkaCluster } from './kafka-cluster.ts'

try {
  await serve(readOptions())
} catch (error) {
  const { message } = error as Error
  console.error(error instanceof LibrariesUnavailable ? `${message}\nIt needs Java 17 and Maven.` : message)
  process.exitCode = 1
}

function readOptions(): ClusterOptions {
  const { values } = parseArgs({
    options: {
      brokers: { type: 'string', default: '1' },
      port: { type: 'string', default: '9092' },
      security: { type: 'boolean', default: false },
      data: { type: 'string' },
    },
  })
  const { security, data } = values
  const brokers = Number(values.brokers)
  const port = Number(values.port)
  if (brokers !== 1 && brokers !== 3) throw new Error('--brokers is 1 or 3')
  if (!Number.isInteger(port) || port < 1 || port > 65_533) throw new Error('--port is a number, such as 9092')
  return { brokers, port, security, longRunning: true, ...(data !== undefined && { folder: data }) }
}

async function serve(options: ClusterOptions): Promise<void> {
  const cluster = await startKafkaCluster(options)
  const told = [once(process, 'SIGINT'), once(process, 'SIGTERM')]
  tell(cluster, options.folder !== undefined)
  await Promise.race(told)
  console.log('ending')
  await cluster.close()
}

function tell({ bootstrapServers, secure, folder }: KafkaCluster, kept: boolean): void {
  console.log(`Apache Kafka serves ${bootstrapServers}`)
  if (secure) {
    const users = secure.users.map(({ username, password }) => `${username} with ${password}`).join(', ')
    console.log(`
  SASL_PLAINTEXT  ${secure.saslPlaintext}
  SASL_SSL        ${secure.saslSsl}
  SSL             ${secure.ssl}
  PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 know ${users}; OAUTHBEARER takes any unsecured token.
  The certificates are signed by ${secure.caFile},
  and so is a client's: ${secure.clientCertificateFile}, ${secure.clientKeyFile}
`)
  }
  console.log(`Records and logs are in ${folder}${kept ? '' : ', which is removed at the end'}. Ctrl-C ends it.`)
}
