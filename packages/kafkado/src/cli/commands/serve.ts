import { resolve } from 'node:path'
import type { EmbeddedOptions } from '@kafkado/broker'
import { capabilities, type Duration, InvalidRequestError, type Transport } from '@kafkado/core'
import type { Limits } from '@kafkado/server'
import type { LogLevel, TlsOptions } from '@kafkado/server/node'
import { type Command, Option } from 'commander'
import { complain, untilInterrupted, writeLine } from '../command-context.ts'
import { type EffectiveConfig, effectiveConfig } from '../serve/effective-config.ts'
import { engineNames } from '../serve/engine-entries.ts'
import { entries } from '../serve/entries.ts'
import { type Entry, optionOf } from '../serve/entry.ts'
import { limitNames } from '../serve/limit-entries.ts'
import { printedConfig } from '../serve/print-config.ts'
import { listOf } from '../serve/read-value.ts'

/** Each long poll holds a connection to a broker. */
const longestPollOverKafkaMs = 10_000

interface ServeOptions extends Readonly<Record<string, unknown>> {
  readonly config?: string
  readonly printConfig?: boolean
  readonly json?: boolean
}

const examples = `
Each option is also a variable of the environment and an entry of the file of --config, a JSON object:
--max-body-bytes is KAFKA_DO_MAX_BODY_BYTES and maxBodyBytes; --config is KAFKA_DO_CONFIG. Options win over the
environment, the environment over the file, the file over defaults.

Examples:
  kafkado serve --data ./data
  kafkado serve --memory --port 0
  kafkado serve --data ./data --host 0.0.0.0 --keys keys.json --tls-cert server.pem --tls-key server-key.pem
  kafkado serve --data ./data --cors-origin https://app.example.com --cors-origin http://localhost:5173
  kafkado serve --kafka b1:9092,b2:9092
  kafkado serve --config kafkado.json --print-config
`

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('serve an embedded engine, or an Apache Kafka cluster, over HTTP, until Ctrl-C')
    .option('--config <file>', 'a file of JSON with any of the entries below, by their names in camel case')
  for (const entry of entries) command.addOption(commandOption(entry))
  command
    .option('--print-config', 'print each value with its origin, and end; with --json as one line of JSON')
    .option('--json', 'print its address as one line of JSON')
    .addHelpText('after', examples)
    .action(serve)
}

function commandOption(entry: Entry): Option {
  const { name, kind, value = valueNames[kind], choices, fallback, help } = entry
  const told = fallback === undefined ? help : `${help} (default: ${fallback})`
  const option = new Option(kind === 'switch' ? optionOf(name) : `${optionOf(name)} <${value}>`, told)
  if (choices) option.choices(choices)
  if (kind === 'list')
    option.argParser<readonly string[] | undefined>((text, before) => [...(before ?? []), ...listOf(text)])
  return option
}

const valueNames: Record<Entry['kind'], string> = {
  text: 'text',
  integer: 'number',
  duration: 'duration',
  boolean: 'true|false',
  switch: '',
  choice: 'name',
  list: 'names',
}

async function serve(options: ServeOptions): Promise<void> {
  const { config: file, printConfig = false, json = false } = options
  const config = await effectiveConfig(options, process.env, file)
  if (printConfig) {
    writeLine(printedConfig(config, json))
    return
  }
  const interrupted = untilInterrupted()
  const settings = serverSettings(config)
  const { transport, where, limits } = await open(config, settings.limits)
  try {
    const { serve: startServer } = await import('@kafkado/server/node')
    const server = await startServer({ ...settings, limits, transport })
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

/** The values of some entries, under their names. The table has checked their kinds. */
function picked<T>(config: EffectiveConfig, names: readonly (keyof T & string)[]): Partial<T> {
  return Object.fromEntries(
    names.flatMap((name) => (config.has(name) ? [[name, config.get(name)?.value]] : [])),
  ) as Partial<T>
}

interface ListenSettings {
  port: number
  host: string
  keys: string
  insecure: boolean
  drainTimeout: Duration
  keepAliveTimeout: Duration
  headersTimeout: Duration
  logLevel: LogLevel
}

const listenNames = [
  ...(['port', 'host', 'keys', 'insecure'] as const),
  ...(['drainTimeout', 'keepAliveTimeout', 'headersTimeout', 'logLevel'] as const),
]

function serverSettings(config: EffectiveConfig) {
  const { corsOrigin: origins, corsMaxAgeSeconds: maxAgeSeconds } = picked<{
    corsOrigin: string[]
    corsMaxAgeSeconds: number
  }>(config, ['corsOrigin', 'corsMaxAgeSeconds'])
  return {
    ...picked<ListenSettings>(config, listenNames),
    limits: picked<Limits>(config, limitNames),
    cors: origins && { origins, ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) },
    tls: tlsOf(config),
  }
}

function tlsOf(config: EffectiveConfig): TlsOptions | undefined {
  const {
    tlsCert: cert,
    tlsKey: key,
    tlsClientCa: clientCa,
  } = picked<Record<string, string>>(config, ['tlsCert', 'tlsKey', 'tlsClientCa'])
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined
  if (cert === undefined || key === undefined)
    throw new InvalidRequestError('TLS needs both a certificate (--tls-cert) and its private key (--tls-key)')
  return { cert, key, clientCa }
}

interface Served {
  readonly transport: Transport
  /** Names the place of the records, for people. */
  readonly where: string
  readonly limits: Partial<Limits>
}

/** Opens the engine or the cluster, so that its faults are reported before anybody connects. */
async function open(config: EffectiveConfig, limits: Partial<Limits>): Promise<Served> {
  const {
    kafka,
    data = '',
    memory: inMemory = false,
  } = picked<{ kafka: string; data: string; memory: boolean }>(config, ['kafka', 'data', 'memory'])
  if (kafka !== undefined) {
    const { openCluster } = await import('../../connect/kafka-environment.ts')
    const transport = await openCluster({ brokers: kafka })
    await transport.send(capabilities, {}).catch(async (error: unknown) => {
      await transport.close()
      throw error
    })
    const maxLongPollMs = Math.min(limits.maxLongPollMs ?? longestPollOverKafkaMs, longestPollOverKafkaMs)
    return { transport, where: `Apache Kafka at ${kafka}`, limits: { ...limits, maxLongPollMs } }
  }
  const folder = resolve(data)
  const settings = picked<EmbeddedOptions>(config, engineNames)
  const { storage } = picked<EmbeddedOptions>(config, ['storage'])
  const { embedded, memory } = await import('@kafkado/broker')
  const engine = inMemory ? memory(settings) : embedded(folder, { ...settings, storage })
  engine.on('damaged', ({ topic, partition, offset, message }) =>
    complain(`what is stored of topic '${topic}' partition ${partition} at offset ${offset} is damaged: ${message}`),
  )
  await engine.open()
  return { transport: engine, where: inMemory ? 'memory' : folder, limits }
}
