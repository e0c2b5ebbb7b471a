import { readFile } from 'node:fs/promises'
import { InvalidRequestError } from '@kafkado/core'
import { isPlainObject, unknownOption } from '@kafkado/core/internal'
import { entries } from './entries.ts'
import { type Entry, optionOf, variableOf } from './entry.ts'
import { readText, readValue, type Value } from './read-value.ts'

/** Where a value comes from. The earlier one wins. */
export type Origin = 'option' | 'environment' | 'file' | 'default'

const origins: readonly Origin[] = ['option', 'environment', 'file', 'default']

export interface Configured {
  readonly value: Value
  readonly origin: Origin
}

/** The value of each entry that has one, in the order of the table. */
export type EffectiveConfig = ReadonlyMap<string, Configured>

/** Variables of other commands and of the connection to brokers. */
const otherVariables = ['URL', 'API_KEY', 'CA_FILE', 'TLS', 'CONFIG']
  .concat(['MECHANISM', 'USERNAME', 'PASSWORD', 'TOKEN'].map((name) => `SASL_${name}`))
  .map((name) => `KAFKA_DO_${name}`)

/**
 * Brings together what `kafkado serve` is told: options, then the environment, then the file, then defaults.
 *
 * An entry that another one excludes is left out if that one comes from an earlier source, so `--memory` works with a
 * file that names a folder. Within one source the two contradict each other. `insecure` never sets keys aside.
 *
 * @throws InvalidRequestError naming what is unknown, misspelt or not valid, and where it stands
 */
export async function effectiveConfig(
  options: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined = environment['KAFKA_DO_CONFIG'] || undefined,
): Promise<EffectiveConfig> {
  refuseUnknownVariables(environment)
  const ofFile = file === undefined ? {} : await readConfigFile(file)
  const found = new Map<string, Configured>()
  for (const entry of entries) {
    const configured =
      ofOption(entry, options[entry.name]) ??
      ofEnvironment(entry, environment[variableOf(entry.name)]) ??
      (ofFile[entry.name] === undefined
        ? undefined
        : { value: readValue(entry, `${entry.name} in ${file}`, ofFile[entry.name]), origin: 'file' as const }) ??
      (entry.fallback === undefined ? undefined : { value: entry.fallback, origin: 'default' as const })
    if (configured) found.set(entry.name, configured)
  }
  return withoutExcluded(found)
}

function ofOption(entry: Entry, given: unknown): Configured | undefined {
  if (given === undefined) return undefined
  const value = typeof given === 'string' ? readText(entry, optionOf(entry.name), given) : (given as Value)
  return { value, origin: 'option' }
}

/** An empty variable says nothing: that is how many tools unset one. */
function ofEnvironment(entry: Entry, text: string | undefined): Configured | undefined {
  if (text === undefined || text === '') return undefined
  return { value: readText(entry, variableOf(entry.name), text), origin: 'environment' }
}

async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new InvalidRequestError(`the configuration file ${file} cannot be read: ${code}`, { cause })
  })
  const content = parsed(text, file)
  if (!isPlainObject(content)) throw new InvalidRequestError(`the configuration file ${file} must be a JSON object`)
  const names = entries.map(({ name }) => name)
  for (const name of Object.keys(content)) {
    if (!names.includes(name))
      throw new InvalidRequestError(`the configuration file ${file}: ${unknownOption(name, names)}`)
  }
  return content as Record<string, unknown>
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidRequestError(`the configuration file ${file} is not JSON`, { cause })
  }
}

function refuseUnknownVariables(environment: Readonly<Record<string, string | undefined>>): void {
  const known = [...entries.map(({ name }) => variableOf(name)), ...otherVariables]
  for (const name of Object.keys(environment)) {
    if (name.startsWith('KAFKA_DO_') && !known.includes(name))
      throw new InvalidRequestError(`the environment: ${unknownOption(name, known)}`)
  }
}

function withoutExcluded(found: Map<string, Configured>): EffectiveConfig {
  for (const { name, excludes = [] } of entries) {
    const winner = found.get(name)
    if (!winner || winner.origin === 'default' || winner.value === false) continue
    for (const excluded of excludes) {
      const other = found.get(excluded)
      if (!other) continue
      const isLater = origins.indexOf(other.origin) > origins.indexOf(winner.origin)
      if (isLater && name !== 'insecure') found.delete(excluded)
      else if (other.origin === 'default') found.delete(excluded)
      else if (origins.indexOf(other.origin) < origins.indexOf(winner.origin) && name !== 'insecure') found.delete(name)
      else
        throw new InvalidRequestError(
          `${place(name, winner.origin)} and ${place(excluded, other.origin)} contradict each other; leave one out`,
        )
    }
  }
  return found
}

function place(name: string, origin: Origin): string {
  if (origin === 'option') return optionOf(name)
  return origin === 'environment' ? variableOf(name) : `${name} in the configuration file`
}
