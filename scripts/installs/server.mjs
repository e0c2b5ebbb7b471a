import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server of the `kafkado` that was packed, for clients that are installed alone. */
export async function startServer(folder) {
  const main = join(folder, 'node_modules', 'kafkado', 'dist', 'bundled', 'main.js')
  const child = spawn(process.execPath, [main, 'serve', '--memory', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`kafkado serve ended with ${status} before it said where it is`)
  })
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])
  return { url: JSON.parse(line).url, close: () => child.kill() }
}
