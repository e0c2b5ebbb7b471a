import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { installEnvironment } from '../bootstrap/environment.mjs'
import { statusOfKilled, timeLeftMs } from './quick.mjs'

const ours = /^(KAFKA_DO_.*|NODE_OPTIONS|NODE_COMPILE_CACHE)$/
const strangers = Object.entries(installEnvironment([])).filter(([name]) => !ours.test(name))
const environment = Object.fromEntries(strangers)

/**
 * Runs a command to its end, and answers with how it ended and what it printed.
 *
 * @param {string} cwd
 * @param {readonly string[]} command
 * @param {Record<string, string>} [env]
 * @param {number} [timeoutMs]
 */
export async function run(cwd, [file, ...args], env = {}, timeoutMs = 300_000) {
  const leftMs = timeLeftMs(timeoutMs)
  // Node takes 0 for no limit.
  if (leftMs < 1) return { status: statusOfKilled('SIGKILL'), stdout: '', stderr: '' }
  const child = spawn(file, args, {
    cwd,
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: leftMs,
    killSignal: 'SIGKILL',
  })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'])
    child[stream].setEncoding('utf8').on('data', (/** @type {string} */ text) => (printed[stream] += text))
  try {
    const [status, signal] = await once(child, 'close')
    return { status: signal ? statusOfKilled(signal) : status, ...printed }
  } catch (error) {
    return { status: String(error), ...printed }
  }
}
