import { engineEntries, engineNames } from './engine-entries.ts'
import type { Entry } from './entry.ts'
import { limitEntries } from './limit-entries.ts'

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
    name: 'keepAliveTimeout',
    kind: 'duration',
    fallback: '60s',
    help: 'how long a connection may stay open without a request; above the idle timeout of a proxy in front',
  },
  {
    name: 'headersTimeout',
    kind: 'duration',
    fallback: '10s',
    help: 'how long a client may take to send the headers of a request; request-timeout-ms at most',
  },
  {
    name: 'logLevel',
    kind: 'choice',
    value: 'level',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    fallback: 'warn',
    help: 'what to write to standard error as lines of JSON: faults, or more',
  },
  ...engineEntries,
  ...limitEntries,
]
