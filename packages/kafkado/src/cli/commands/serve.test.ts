import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeProgram } from '../program.ts'
import { effectiveConfig } from '../serve/effective-config.ts'
import { entries } from '../serve/entries.ts'
import { optionOf, variableOf } from '../serve/entry.ts'
import { printedConfig } from '../serve/print-config.ts'

const [a, b, c] = ['https://a.example.com', 'http://localhost:5173', 'https://c.example.com']

/** Parses the options of `serve` without serving. */
async function optionsOf(words: readonly string[]): Promise<Record<string, unknown>> {
  const program = makeProgram()
  const serve = program.commands.find((command) => command.name() === 'serve')
  serve?.action(() => undefined)
  await program.parseAsync(['serve', ...words], { from: 'user' })
  return serve?.opts() ?? {}
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

type Environment = Record<string, string>

async function configOf(words: readonly string[], environment: Environment = {}, content?: unknown) {
  const file = join(folder, 'kafkado.json')
  if (content !== undefined) await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return effectiveConfig(await optionsOf(words), environment, content === undefined ? undefined : file)
}

describe('the origins that serve allows', () => {
  it.each([
    ['none', {}, [], undefined],
    ['one', {}, ['--cors-origin', a], [a]],
    ['several, each by its option', {}, ['--cors-origin', a, '--cors-origin', b], [a, b]],
    ['several, with commas', {}, ['--cors-origin', `${a},${b}`, '--cors-origin', c], [a, b, c]],
    ['those of the environment', { KAFKA_DO_CORS_ORIGIN: `${a}, ${b},` }, [], [a, b]],
    ['none of an environment that says nothing', { KAFKA_DO_CORS_ORIGIN: '' }, [], undefined],
    [
      'those of the command line in place of the environment',
      { KAFKA_DO_CORS_ORIGIN: a },
      ['--cors-origin', b, '--cors-origin', c],
      [b, c],
    ],
  ] as [string, Environment, string[], string[] | undefined][])('are %s', async (_, environment, words, origins) => {
    expect((await configOf(words, environment)).get('corsOrigin')?.value).toEqual(origins)
  })
})

/** For each entry: values that differ from one another and from the default, as text. */
const samples = (entry: (typeof entries)[number]): [string, string, string] => {
  if (entry.choices) return [entry.choices[0] as string, entry.choices[1] as string, entry.choices[0] as string]
  if (entry.kind === 'integer') return ['11', '12', '13']
  if (entry.kind === 'duration') return ['11s', '12s', '13s']
  if (entry.kind === 'boolean' || entry.kind === 'switch') return ['true', 'false', 'true']
  return ['one', 'two', 'three']
}

describe.each(entries.map((entry) => [entry.name, entry] as const))('%s', (name, entry) => {
  const [option, variable, file] = samples(entry)
  const words = entry.kind === 'switch' ? [optionOf(name)] : [optionOf(name), option]
  const told = async (...given: Parameters<typeof configOf>) => {
    const configured = (await configOf(...given)).get(name)
    return configured && [String(configured.value), configured.origin]
  }

  it('is taken from options before the environment, before the file, before its default', async () => {
    const environment = { [variableOf(name)]: variable }
    const content = { [name]: file }
    expect(await told(words, environment, content)).toEqual([option, 'option'])
    expect(await told([], environment, content)).toEqual([variable, 'environment'])
    expect(await told([], {}, content)).toEqual([file, 'file'])
    expect(await told([])).toEqual(entry.fallback === undefined ? undefined : [String(entry.fallback), 'default'])
  })

  it('says where a wrong value stands', async () => {
    if (entry.kind === 'text' || entry.kind === 'list') {
      await expect(configOf([], {}, { [name]: 7 })).rejects.toThrow(`${name} in `)
      return
    }
    await expect(configOf([], { [variableOf(name)]: 'nonsense' })).rejects.toThrow(variableOf(name))
    await expect(configOf([], {}, { [name]: 'nonsense' })).rejects.toThrow(`${name} in `)
    await expect(configOf([], {}, { [name]: null })).rejects.toThrow(`${name} in `)
  })

  it('is part of the help, with its default', async () => {
    const help = makeProgram()
      .commands.find((command) => command.name() === 'serve')
      ?.helpInformation()
      .replaceAll(/\s+/g, ' ')
    expect(help).toContain(`${optionOf(name)} `)
    expect(help).toContain(entry.help.replaceAll(/\s+/g, ' '))
  })
})

describe('the configuration', () => {
  it.each([
    [{ KAFKA_DO_MAX_BODY_BYTE: '1' }, undefined, /KAFKA_DO_MAX_BODY_BYTE'; did you mean 'KAFKA_DO_MAX_BODY_BYTES'/],
    [{}, { maxBodyByte: 1 }, /kafkado\.json: there is no option 'maxBodyByte'; did you mean 'maxBodyBytes'/],
    [{}, '{ "port": ', /kafkado\.json is not JSON/],
    [{}, [], /kafkado\.json must be a JSON object/],
  ] as [Environment, unknown, RegExp][])('refuses %j with the file %j', async (environment, content, message) => {
    await expect(configOf([], environment, content)).rejects.toThrow(message)
  })

  it('leaves out what an earlier source excludes, and refuses contradictions', async () => {
    expect([...(await configOf(['--memory'], {}, { data: 'folder', storage: 'sqlite' })).keys()]).not.toContain('data')
    expect([...(await configOf(['--data', 'folder'], {}, { memory: true })).keys()]).not.toContain('memory')
    expect([...(await configOf(['--kafka', 'b:1'])).keys()]).not.toContain('sessionTimeout')
    await expect(configOf(['--memory', '--data', 'folder'])).rejects.toThrow(
      '--memory and --data contradict each other',
    )
    await expect(configOf([], {}, { kafka: 'b:1', sessionTimeout: '1s' })).rejects.toThrow('contradict')
    await expect(configOf(['--insecure'], {}, { keys: 'keys.json' })).rejects.toThrow('--insecure and keys')
  })

  it('is printed with the origin of each value, and without secrets', async () => {
    const secret = `kdo_0123456789abcdef_${'a'.repeat(43)}`
    const config = await configOf(
      ['--port', '1'],
      { KAFKA_DO_HOST: '::1', KAFKA_DO_SASL_PASSWORD: 'pass' },
      { keys: secret },
    )
    expect(printedConfig(config, false)).toMatch(
      /^NAME +VALUE +ORIGIN\n[^]*\nport +1 +option\nhost +::1 +environment\n/,
    )
    const printed = JSON.parse(printedConfig(config, true)) as Record<string, unknown>
    expect(printed).toMatchObject({
      port: { value: 1, origin: 'option' },
      keys: { value: '[secret]', origin: 'file' },
      maxBodyBytes: { value: 8_388_608, origin: 'default' },
    })
    expect(JSON.stringify(printed)).not.toMatch(/aaaa|pass/)
  })
})
