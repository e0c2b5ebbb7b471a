// After `tsc`: a class whose constructor is internal has none in its declarations, which would make `new` of it compile
// without arguments. Says there that users cannot call it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const internalConstructor = /\/\*\*(?:(?!\*\/)[^])*@internal(?:(?!\*\/)[^])*\*\/\s*constructor\(/g

for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.ts') || /\.test(-d)?\.ts$/.test(name)) continue
  const source = readFileSync(join('src', name), 'utf8')
  for (const { index } of source.matchAll(internalConstructor)) {
    const className = [...source.slice(0, index).matchAll(/^export class (\w+)/gm)].at(-1)?.[1]
    const declarations = join('dist', name.replace(/\.ts$/, '.d.ts'))
    if (className !== undefined && existsSync(declarations)) protect(declarations, className)
  }
}

function protect(file, className) {
  const before = readFileSync(file, 'utf8')
  const opening = new RegExp(`^export declare class ${className}\\b[^]*?\\{\\n`, 'm').exec(before)
  if (!opening) throw new Error(`${file} declares no class ${className}`)
  const end = opening.index + opening[0].length
  writeFileSync(file, `${before.slice(0, end)}    protected constructor();\n${before.slice(end)}`)
  addLineToMap(`${file}.map`, before.slice(0, end).split('\n').length - 1)
}

/** The added line is mapped to nothing, and all below move down by one. */
function addLineToMap(file, index) {
  const map = JSON.parse(readFileSync(file, 'utf8'))
  const lines = map.mappings.split(';')
  lines.splice(index, 0, '')
  writeFileSync(file, JSON.stringify({ ...map, mappings: lines.join(';') }))
}
