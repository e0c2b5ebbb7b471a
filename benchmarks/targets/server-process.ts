import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, processScript, scriptAt } from './side-process.ts'

export interface RunningServer {
  readonly url: string
  readonly process: ChildProcess
  close(): Promise<void>
}

/** Ours, in memory or on a folder, which goes with it. */
export function startOurs(on: 'memory' | 'disk'): Promise<RunningServer> {
  return start(scriptAt('../clients/server-process.ts', import.meta.url), on)
}

/** node:http alone, which reads a request and answers it; on disk it writes and syncs the request first. */
export function startPlain(on: 'memory' | 'disk'): Promise<RunningServer> {
  return start(processScript('plain-server.ts'), on)
}

async function start(script: string, on: 'memory' | 'disk'): Promise<RunningServer> {
  const folder = on === 'disk' ? await mkdtemp(join(tmpdir(), 'kafkado-bench-')) : undefined
  const child = fork(script, folder === undefined ? [] : [folder], {
    execArgv: ['--conditions=kafkado-source', '--expose-gc'],
  })
  const { url } = (await messageOf(child)) as { url: string }
  return {
    url,
    process: child,
    async close() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
      if (folder !== undefined) await rm(folder, { recursive: true })
    },
  }
}

/** The CPU time of the server so far in µs, or the bytes that it holds once all garbage is collected. */
export async function askServer(server: RunningServer, what: 'cpu' | 'memory'): Promise<number> {
  server.process.send(what)
  return (await messageOf(server.process)) as number
}
