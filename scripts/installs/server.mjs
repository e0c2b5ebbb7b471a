import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageManagers } from './package-managers.mjs'

/** A server of the `kafkado` that was packed, for clients that are installed alone. */
export async function startServer(folder, registry) {
  const found = await packageManagers.npm.install(folder, ['kafkado'], registry)
  if (found.length > 0) throw new Error(`kafkado cannot be installed: ${found.join('\n')}`)
  const main = join(folder, 'node_modules', 'kafkado', 'dist', 'cli', 'main.js')
  const child = spawn(process.execPath, [main, 'serve', '--memory', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { url: JSON.parse(line).url, close: () => child.kill() }
}
