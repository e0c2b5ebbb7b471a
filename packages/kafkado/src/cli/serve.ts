import { resolve } from 'node:path'
import { embedded, memory } from '@kafkado/broker'
import type { Duration } from '@kafkado/core'
import { serve as startServer } from '@kafkado/server/node'
import type { Command } from 'commander'
import { untilInterrupted, wholeNumber, writeLine } from './command-context.ts'

interface ServeOptions {
  readonly data: string
  readonly memory?: boolean
  readonly port: string
  readonly host: string
  readonly keys?: string
  readonly insecure?: boolean
  readonly sessionTimeout?: Duration
  readonly heartbeatInterval?: Duration
  readonly json?: boolean
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve an embedded engine over HTTP, until Ctrl-C')
    .option('--data <folder>', 'where records are kept', './kafkado-data')
    .option('--memory', 'keep records in memory only')
    .option('--port <port>', 'the port to listen on; 0 takes a free one', '8080')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--keys <file>', 'a file of API keys; without it everyone on this machine may do everything')
    .option('--insecure', 'listen beyond this machine without API keys')
    .option(
      '--session-timeout <duration>',
      'how long a group member may be silent before others get its partitions',
      '45s',
    )
    .option('--heartbeat-interval <duration>', 'how often group members send a heartbeat', '5s')
    .option('--json', 'say where it listens as one line of JSON')
    .action(serve)
}

async function serve({
  data,
  memory: inMemory = false,
  port,
  host,
  keys,
  insecure = false,
  sessionTimeout,
  heartbeatInterval,
  json = false,
}: ServeOptions): Promise<void> {
  const interrupted = untilInterrupted()
  const folder = resolve(data)
  const options = { sessionTimeout, heartbeatInterval }
  const engine = inMemory ? memory(options) : embedded(folder, options)
  try {
    await engine.open()
    const server = await startServer({ transport: engine, host, port: wholeNumber('--port', port), keys, insecure })
    const where = inMemory ? 'memory' : folder
    if (json) writeLine(JSON.stringify({ url: server.url, data: where }))
    else writeLine(`kafkado serves ${server.url}, records in ${where}; Ctrl-C ends it`)
    await new Promise<void>((done) => {
      if (interrupted.aborted) done()
      else interrupted.addEventListener('abort', () => done(), { once: true })
    })
    await server.close()
  } finally {
    await engine.close()
  }
}
