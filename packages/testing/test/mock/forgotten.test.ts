import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { fromSource, runProcess } from '../../../../tests/processes/child-processes.ts'

it('tests that close nothing end, and so does their process', async () => {
  const program = fileURLToPath(new URL('programs/forgetful.ts', import.meta.url))
  // If node:test sees a runner's variable, its report goes to the parent instead of standard output.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const words = [fromSource, '--test-reporter=tap', program]
  const { code, output, errors } = await runProcess(process.execPath, words, { env })
  expect({ code, errors, output }).toMatchObject({ code: 0, errors: '' })
  expect(output).toContain('# pass 4\n# fail 0\n')
})
