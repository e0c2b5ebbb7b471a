import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** Remembers the process ids of each line, and acts on the last when its input ends without the word "done". */
const script = `
while read -r line; do
  [ "$line" = done ] && exit 0
  running=$line
done
kill -s KILL -- $running
[ -z "$1" ] || rm -rf -- "$1"
`

/** Ends processes and removes a folder when this process is gone. */
export interface ParentWatch {
  /** These run now, and no others: ids of processes, or of groups of them as negative numbers. */
  watch(running: readonly number[]): void
  /** Nothing is left to end. */
  done(): void
}

/**
 * A shell of its own waits for the end of a pipe which only this process holds, because no handler in here hears of
 * kill -9, and a test runner does end its workers that way.
 *
 * @param temporaryFolder is removed as well
 */
export function endWithParent(temporaryFolder?: string): ParentWatch {
  // In a session of its own, because the terminal's Ctrl-C must not end it before it has done its work.
  const shell = spawn('sh', ['-c', script, 'sh', temporaryFolder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  // Where there is no sh, which is Windows, the handler below has to be enough.
  shell.on('error', () => undefined)
  const input: Writable & { unref?: () => void } = shell.stdin
  input.on('error', () => undefined)
  // Neither keeps this process alive.
  shell.unref()
  input.unref?.()

  let now: readonly number[] = []
  const atExit = (): void => {
    for (const pid of now) killIfThere(pid)
    if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 })
  }
  process.once('exit', atExit)
  return {
    watch(running) {
      now = running
      input.write(`${running.join(' ')}\n`)
    },
    done() {
      now = []
      process.removeListener('exit', atExit)
      input.end('done\n')
    },
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself a moment ago.
  }
}
