import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyApiVersion } from '@kafkado/messages'

const sources = join(import.meta.dirname, '../src')

/** The APIs that a file of wire's sources speaks: what it exports by a name that says so. */
async function spokenIn(path: string): Promise<readonly AnyApiVersion[]> {
  const names = [...readFileSync(path, 'utf8').matchAll(/^export const (\w+Api)\b/gm)].map(([, name = '']) => name)
  if (names.length === 0) return []
  const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, AnyApiVersion>>
  return names.map((name) => exported[name] as AnyApiVersion)
}

const spoken = await Promise.all(
  readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.test)\.ts$/.test(path))
    .map((path) => spokenIn(join(sources, path))),
)

/** All APIs that wire uses, ordered by key. */
export const everyApi: readonly AnyApiVersion[] = spoken.flat().sort((left, right) => left.key - right.key)
