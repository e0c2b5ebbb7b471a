import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeProgram } from '../program.ts'

const [a, b, c] = ['https://a.example.com', 'http://localhost:5173', 'https://c.example.com']

/** Parses the options of `serve` without serving. */
async function optionsOf(words: readonly string[]): Promise<Record<string, unknown>> {
  const program = makeProgram()
  const serve = program.commands.find((command) => command.name() === 'serve')
  serve?.action(() => undefined)
  await program.parseAsync(['serve', ...words], { from: 'user' })
  return serve?.opts() ?? {}
}

describe('the origins that serve allows', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it.each([
    ['none', undefined, [], undefined],
    ['one', undefined, ['--cors-origin', a], [a]],
    ['several, each by its option', undefined, ['--cors-origin', a, '--cors-origin', b], [a, b]],
    ['several, with commas', undefined, ['--cors-origin', `${a},${b}`, '--cors-origin', c], [a, b, c]],
    ['those of the environment', `${a}, ${b},`, [], [a, b]],
    ['none of an environment that says nothing', '', [], []],
    ['those of the command line in place of the environment', a, ['--cors-origin', b, '--cors-origin', c], [b, c]],
  ])('are %s', async (_, environment, words, origins) => {
    vi.stubEnv('KAFKA_DO_CORS_ORIGIN', environment)
    expect((await optionsOf(words))['corsOrigin']).toEqual(origins)
  })
})
