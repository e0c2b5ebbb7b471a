import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Finished, fromSource, runProcess } from '../../processes/child-processes.ts'

/** Runs a program of processes/ to its end. */
function run(name: string, ...words: string[]): Promise<Finished> {
  const program = fileURLToPath(new URL(`./${name}.ts`, import.meta.url))
  return runProcess(process.execPath, [fromSource, '--no-warnings', program, ...words])
}

describe('a send that fails and that nobody awaits', () => {
  const whats = ['send', 'sendBatch'].flatMap((what) => ['before', 'server'].map((where) => [what, where] as const))

  it.each(whats)(
    '%s (%s) ends no process after flush(), ready() or close(), and is told by the metrics',
    async (what, where) => {
      const calls = ['flush', 'ready', 'close']
      const { code, output, errors } = await run('unawaited-send', what, where, ...calls)
      expect(errors).toBe('')
      const told = output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object)
      expect(told).toMatchObject(calls.map((after) => ({ after, recordsFailed: 1 })))
      expect(code).toBe(0)
    },
  )

  it.each(whats)('%s (%s) is an unhandled rejection where nobody looks after it', async (what, where) => {
    const { code, errors } = await run('unawaited-send', what, where, 'nothing')
    expect(errors).toMatch(where === 'before' ? /timestamp/ : /UnauthorizedError: no|BatchDeliveryError.*: no/)
    expect(code).toBe(1)
  })
})

// Ten seconds of work where nothing else runs.
it(
  'of consumers, producers, transactional ids and definitions that are done with nothing stays',
  { timeout: 600_000 },
  async () => {
    const { output, errors } = await run('heap-after-closing')
    expect(errors).toBe('')
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; bytesEach: number })
    expect(lines.map(({ name }) => name)).toEqual([
      'closed consumer',
      'loop that was left by break',
      'consumer without a group that read twice',
      'consumer that never read',
      'closed producer',
      'producer that never sent',
      'transactional id',
      'consumer whose loop has ended',
      'batches that were left',
      'definition of a topic',
    ])
    // A producer that is kept takes more than 3,000, a consumer more than 15,000, and what it has read 100,000 here;
    // but requests of the last ones may still wait to be let go of.
    for (const { name, bytesEach } of lines)
      expect(bytesEach, name).toBeLessThan(/consumer|loop|batches/.test(name) ? 7000 : 1000)
  },
)
