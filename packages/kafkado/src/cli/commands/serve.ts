import { resolve } from 'node:path'
import { embedded, memory } from '@kafkado/broker'
import { capabilities, InvalidRequestError, type Duration, type Transport } from '@kafkado/core'
import type { Limits } from '@kafkado/server'
import { serve as startServer } from '@kafkado/server/node'
import { type Command, Option } from 'commander'
import { openCluster } from '../../connect/kafka-environment.ts'
import { complain, untilInterrupted, wholeNumber, writeLine } from '../command-context.ts'

/** Each long poll holds a connection to a broker. */
const longestPollOverKafkaMs = 10_000
const largestPort = 65_535

interface ServeOptions {
  readonly data: string
  readonly storage?: 'journal' | 'sqlite'
  readonly memory?: boolean
  readonly kafka?: string
  readonly port: string
  readonly host: string
  readonly keys?: string
  readonly insecure?: boolean
  readonly corsOrigin?: readonly string[]
  readonly sessionTimeout?: Duration
  readonly heartbeatInterval?: Duration
  readonly scrubBytesPerSecond?: string
  readonly json?: boolean
}

const examples = `
Examples:
  kafkado serve --data ./data
  kafkado serve --memory --port 0
  kafkado serve --data ./data --host 0.0.0.0 --keys keys.json
  kafkado serve --data ./data --cors-origin https://app.example.com --cors-origin http://localhost:5173
  kafkado serve --kafka b1:9092,b2:9092
`

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve an embedded engine, or an Apache Kafka cluster, over HTTP, until Ctrl-C')
    .option('--data <folder>', 'the folder for the records', './kafkado-data')
    .addOption(
      new Option(
        '--storage <name>',
        'the storage of a new folder: sqlite is slower and needs node:sqlite; ' +
          'an existing folder keeps its own (default: journal)',
      ).choices(['journal', 'sqlite']),
    )
    .addOption(new Option('--memory', 'keep records in memory only').conflicts(['data', 'storage']))
    .addOption(
      new Option(
        '--kafka <brokers>',
        'serve an Apache Kafka cluster, host:port,host:port; TLS and credentials by KAFKA_DO_TLS, ' +
          'KAFKA_DO_SASL_MECHANISM, …',
      ).conflicts(['data', 'storage', 'memory', 'sessionTimeout', 'heartbeatInterval', 'scrubBytesPerSecond']),
    )
    .option('--port <port>', 'the port to listen on; 0 takes a free one', '8080')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option(
      '--keys <file>',
      'API keys, made with createKey() of @kafkado/server; without them, everyone here may do everything',
    )
    .addOption(new Option('--insecure', 'listen beyond this machine without API keys').conflicts('keys'))
    .addOption(
      new Option(
        '--cors-origin <origin>',
        'a web page of this origin may call the server, such as https://app.example.com; several times, or with commas',
      )
        .env('KAFKA_DO_CORS_ORIGIN')
        .argParser(originsOf),
    )
    .option(
      '--session-timeout <duration>',
      'how long a group member may be silent before others get its partitions',
      '45s',
    )
    .option('--heartbeat-interval <duration>', 'how often group members send a heartbeat', '5s')
    .option(
      '--scrub-bytes-per-second <number>',
      'how much stored data to compare with its checksums in the background; 0 switches it off',
      '4194304',
    )
    .option('--json', 'print its address as one line of JSON')
    .addHelpText('after', examples)
    .action(serve)
}

async function serve(options: ServeOptions): Promise<void> {
  const { port, host, keys, insecure = false, corsOrigin, json = false } = options
  const interrupted = untilInterrupted()
  const cors = corsOrigin && { origins: corsOrigin }
  const { transport, where, limits } = await open(options)
  try {
    const server = await startServer({ transport, host, port: portOf(port), keys, insecure, limits, cors })
    if (json) writeLine(JSON.stringify({ url: server.url, data: where }))
    else writeLine(`kafkado serves ${server.url}, records in ${where}; Ctrl-C ends it`)
    await new Promise<void>((done) => {
      if (interrupted.aborted) done()
      else interrupted.addEventListener('abort', () => done(), { once: true })
    })
    await server.close()
  } finally {
    await transport.close()
  }
}

/** Adds to the origins from the same source. The command line replaces the environment. */
function originsOf(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
  ]
}

function portOf(text: string): number {
  const port = wholeNumber('--port', text)
  if (port <= largestPort) return port
  throw new InvalidRequestError(`--port must be from 0 to ${largestPort}, got ${text}`)
}

interface Served {
  readonly transport: Transport
  /** Names the place of the records, for people. */
  readonly where: string
  readonly limits?: Partial<Limits>
}

/** Opens the engine or the cluster, so that its faults are reported before anybody connects. */
async function open({
  data,
  storage,
  memory: inMemory = false,
  kafka,
  sessionTimeout,
  heartbeatInterval,
  scrubBytesPerSecond,
}: ServeOptions): Promise<Served> {
  if (kafka !== undefined) {
    const transport = await openCluster({ brokers: kafka })
    await transport.send(capabilities, {}).catch(async (error: unknown) => {
      await transport.close()
      throw error
    })
    return { transport, where: `Apache Kafka at ${kafka}`, limits: { maxLongPollMs: longestPollOverKafkaMs } }
  }
  const folder = resolve(data)
  const settings = {
    sessionTimeout,
    heartbeatInterval,
    scrubBytesPerSecond: wholeNumber('--scrub-bytes-per-second', scrubBytesPerSecond as string),
  }
  const engine = inMemory ? memory(settings) : embedded(folder, { ...settings, storage })
  engine.on('damaged', ({ topic, partition, offset, message }) =>
    complain(`what is stored of topic '${topic}' partition ${partition} at offset ${offset} is damaged: ${message}`),
  )
  await engine.open()
  return { transport: engine, where: inMemory ? 'memory' : folder }
}
