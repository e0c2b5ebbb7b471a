import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const windows = process.platform === 'win32'

/** Runs the command with our own standard streams, and ends the way it ended. */
export function runToEnd({ argv: [file, ...args], cwd }, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: 'inherit', shell: windows && file !== 'node' })
    const forward = (signal) => {
      // A terminal sends its interrupt to the child as well; a second one would mean "stop at once" to many programs.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    }
    const signals = windows ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
    for (const signal of signals) process.on(signal, forward)
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      reject(error.code === 'ENOENT' ? new Error(`cannot run ${file}: not found`) : error),
    )
    child.on('exit', (code, signal) => {
      process.exitCode = signal ? 128 + (constants.signals[signal] || 0) : code
      for (const name of signals) process.removeListener(name, forward)
      resolve(undefined)
    })
  })
}

/** Runs an installer silently; what it printed is shown only when it fails. */
export function runQuietly(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(undefined)
      process.stderr.write(Buffer.concat(output))
      reject(new Error(`${file} ${args.join(' ')} failed (${signal || code})`))
    })
  })
}

export function progress(line) {
  process.stderr.write(`kafkado: ${line}\n`)
}
