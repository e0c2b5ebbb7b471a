import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Inputs that have failed once: corpus/TARGET/NAME, with a line for each in corpus/index.md that says what it showed.
 */
const folder = join(import.meta.dirname, 'corpus')
/** What has just failed, until it is mended and goes to the corpus. */
const found = join(import.meta.dirname, 'found')

export function corpusOf(target: string): { readonly name: string; readonly input: Uint8Array }[] {
  const own = join(folder, target)
  if (!existsSync(own)) return []
  return readdirSync(own)
    .toSorted()
    .map((name) => ({ name, input: Uint8Array.from(readFileSync(join(own, name))) }))
}

/** Writes an input that fails, and says where. */
export function keepFailing(target: string, input: Uint8Array): string {
  const own = join(found, target)
  mkdirSync(own, { recursive: true })
  const path = join(own, createHash('sha256').update(input).digest('hex').slice(0, 12))
  writeFileSync(path, input)
  return path
}
