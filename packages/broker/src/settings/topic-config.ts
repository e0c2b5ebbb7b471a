import { mostSettingCharacters } from '../refusals/text-bounds.ts'

/** A setting of topics, with Kafka's default and the check of its value. */
interface ConfigDefinition {
  readonly defaultValue: string
  readonly isValid: (value: string) => boolean
  readonly expectation: string
}

const integer = (defaultValue: number, minimum: number, maximum = Number.MAX_SAFE_INTEGER): ConfigDefinition => ({
  defaultValue: String(defaultValue),
  isValid: (value) => /^-?\d+$/.test(value) && Number(value) >= minimum && Number(value) <= maximum,
  expectation: `a whole number from ${minimum} up`,
})

const choice = (defaultValue: string, ...choices: string[]): ConfigDefinition => ({
  defaultValue,
  isValid: (value) => choices.includes(value),
  expectation: `one of ${choices.join(', ')}`,
})

const fraction = (defaultValue: number): ConfigDefinition => ({
  defaultValue: String(defaultValue),
  isValid: (value) => value.trim() !== '' && Number(value) >= 0 && Number(value) <= 1,
  expectation: 'a number from 0 to 1',
})

const dayMs = 86_400_000

const definitions: Readonly<Record<string, ConfigDefinition>> = {
  'cleanup.policy': {
    defaultValue: 'delete',
    isValid: (value) => value.split(',').every((policy) => policy.trim() === 'delete' || policy.trim() === 'compact'),
    expectation: 'delete, compact or both',
  },
  'compression.type': choice('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'),
  'delete.retention.ms': integer(dayMs, 0),
  'max.compaction.lag.ms': integer(Number.MAX_SAFE_INTEGER, 1),
  'max.message.bytes': integer(1_048_588, 0, 2 ** 31 - 1),
  'message.timestamp.after.max.ms': integer(Number.MAX_SAFE_INTEGER, 0),
  'message.timestamp.before.max.ms': integer(Number.MAX_SAFE_INTEGER, 0),
  'message.timestamp.type': choice('CreateTime', 'CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': fraction(0.5),
  'min.compaction.lag.ms': integer(0, 0),
  'min.insync.replicas': integer(1, 1),
  'retention.bytes': integer(-1, -1),
  'retention.ms': integer(7 * dayMs, -1),
  'segment.bytes': integer(1_073_741_824, 1),
  'segment.ms': integer(7 * dayMs, 1),
}

/** The fault of a setting, or undefined. */
export function configProblem(name: string, value: string | null): string | undefined {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
  if (!definition) return `there is no topic configuration '${name}'`
  if (value === null) return `the topic configuration ${name} has no value`
  return value.length <= mostSettingCharacters && definition.isValid(value)
    ? undefined
    : `the topic configuration ${name} must be ${definition.expectation}, got '${value}'`
}

/** The effective value: the one that was set, or the default. */
export function configValue(configs: Readonly<Record<string, string>>, name: string): string {
  return configs[name] ?? (definitions[name] as ConfigDefinition).defaultValue
}

export const configNames: readonly string[] = Object.keys(definitions)
