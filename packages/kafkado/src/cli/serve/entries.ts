import type { Entry } from './entry.ts'
import { limitEntries } from './limit-entries.ts'

const ofEngine: readonly Entry[] = [
  {
    name: 'sessionTimeout',
    kind: 'duration',
    fallback: '45s',
    help: 'how long a group member may be silent before others get its partitions',
  },
  { name: 'heartbeatInterval', kind: 'duration', fallback: '5s', help: 'how often group members send a heartbeat' },
  {
    name: 'scrubBytesPerSecond',
    kind: 'integer',
    fallback: 4_194_304,
    help: 'how much stored data to compare with its checksums in the background; 0 switches it off',
  },
  { name: 'autoCreateTopics', kind: 'boolean', fallback: true, help: 'create a topic when it is first used' },
  { name: 'defaultPartitions', kind: 'integer', least: 1, fallback: 1, help: 'the partitions of such a topic' },
  { name: 'maxTransactionTimeout', kind: 'duration', fallback: '15m', help: 'the longest that a transaction may take' },
  { name: 'cleanupInterval', kind: 'duration', fallback: '1m', help: 'how often to remove what is too old' },
  { name: 'offsetsRetention', kind: 'duration', fallback: '7d', help: 'how long to keep commits of an empty group' },
  {
    name: 'transactionalIdExpiration',
    kind: 'duration',
    fallback: '7d',
    help: 'how long to remember an unused transactional id',
  },
  {
    name: 'producerIdExpiration',
    kind: 'duration',
    fallback: '1d',
    help: 'how long to remember an inactive producer',
  },
  {
    name: 'minFreeBytes',
    kind: 'integer',
    fallback: 67_108_864,
    help: 'the reserve of the disk, which no write takes',
  },
  {
    name: 'maxUncompressedBatchBytes',
    kind: 'integer',
    least: 1,
    most: 134_217_728,
    help: 'the most that a compressed batch may become (default: 16 × max.message.bytes of the topic)',
  },
]

export const engineNames: readonly string[] = ofEngine.map(({ name }) => name)

/** All that `kafkado serve` can be told. Help, the environment, the file and `--print-config` follow from it. */
export const entries: readonly Entry[] = [
  { name: 'data', kind: 'text', value: 'folder', fallback: './kafkado-data', help: 'the folder for the records' },
  {
    name: 'storage',
    kind: 'choice',
    value: 'name',
    choices: ['journal', 'sqlite'],
    help:
      'the storage of a new folder: sqlite is slower and needs node:sqlite; ' +
      'an existing folder keeps its own (default: journal)',
  },
  { name: 'memory', kind: 'switch', help: 'keep records in memory only', excludes: ['data', 'storage'] },
  {
    name: 'kafka',
    kind: 'text',
    value: 'brokers',
    help:
      'serve an Apache Kafka cluster, host:port,host:port; TLS and credentials by KAFKA_DO_TLS, ' +
      'KAFKA_DO_SASL_MECHANISM, …',
    excludes: ['data', 'storage', 'memory', ...engineNames],
  },
  { name: 'port', kind: 'integer', most: 65_535, fallback: 8080, help: 'the port to listen on; 0 takes a free one' },
  { name: 'host', kind: 'text', value: 'address', fallback: '127.0.0.1', help: 'the address to listen on' },
  {
    name: 'keys',
    kind: 'text',
    value: 'file',
    help: 'a file of API keys; without it, everyone on this machine may do everything',
  },
  { name: 'insecure', kind: 'switch', help: 'listen beyond this machine without API keys', excludes: ['keys'] },
  {
    name: 'tlsCert',
    kind: 'text',
    value: 'file',
    help: 'serve HTTPS with this certificate (PEM); when the file changes, new connections get the new one',
  },
  { name: 'tlsKey', kind: 'text', value: 'file', help: 'the private key of --tls-cert (PEM)' },
  {
    name: 'tlsClientCa',
    kind: 'text',
    value: 'file',
    help: 'take only clients with a certificate signed by one of these authorities (PEM)',
  },
  {
    name: 'corsOrigin',
    kind: 'list',
    value: 'origin',
    help:
      'a web page of this origin may call the server, such as https://app.example.com; ' +
      'several times, or with commas',
  },
  {
    name: 'corsMaxAgeSeconds',
    kind: 'integer',
    value: 'seconds',
    fallback: 7200,
    help: 'how long a browser keeps the answer to a preflight',
  },
  {
    name: 'drainTimeout',
    kind: 'duration',
    fallback: '10s',
    help: 'how long to answer requests under way after Ctrl-C or SIGTERM; a second one ends at once',
  },
  {
    name: 'logLevel',
    kind: 'choice',
    value: 'level',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    fallback: 'warn',
    help: 'what to write to standard error as lines of JSON: faults, or more',
  },
  ...ofEngine,
  ...limitEntries,
]
