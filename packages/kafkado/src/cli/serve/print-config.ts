import { table } from '../table.ts'
import type { EffectiveConfig } from './effective-config.ts'

/** What may be an API key that somebody has put in a wrong place. Nothing else in the configuration is secret. */
const secret = /kdo_[\w-]+/g

/** The configuration as a table of values and their origins, or as one line of JSON. */
export function printedConfig(config: EffectiveConfig, isJson: boolean): string {
  const rows = [...config].map(([name, { value, origin }]) => ({ name, value: withoutSecrets(value), origin }))
  if (isJson) return JSON.stringify(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])))
  return table(
    ['name', 'value', 'origin'],
    rows.map(({ name, value, origin }) => [name, Array.isArray(value) ? value.join(',') : String(value), origin]),
  )
}

function withoutSecrets<T>(value: T): T | string {
  if (Array.isArray(value)) return value.map(withoutSecrets) as T
  return typeof value === 'string' ? value.replace(secret, '[secret]') : value
}
