import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { fromSource, runProcess } from '../processes/child-processes.ts'

/** V8 gives up its first guesses a few times. Where it does so hundreds of times, it never settles. */
const mostDeoptimisations = 25

it('no function of the clients is optimised and given up again without end', async () => {
  const script = fileURLToPath(new URL('processes/hot-paths.ts', import.meta.url))
  const { output, errors } = await runProcess(process.execPath, [fromSource, '--trace-deopt', script])
  expect(errors).toContain('read 60000')
  const counts = new Map<string, number>()
  // Functions of WebAssembly strip the types of the sources before they run.
  for (const [, name = ''] of output.matchAll(/begin\. deoptimizing \S+ <JSFunction (\S+)/g))
    if (!name.includes('Wasm')) counts.set(name, (counts.get(name) ?? 0) + 1)
  expect(counts.size).toBeGreaterThan(0)
  expect([...counts].filter(([, count]) => count > mostDeoptimisations)).toEqual([])
})
