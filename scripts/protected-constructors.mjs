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
  const after = before.replace(
    new RegExp(`^(export declare class ${className}\\b[^]*?\\{\\n)`, 'm'),
    '$1    protected constructor();\n',
  )
  if (after === before) throw new Error(`${file} declares no class ${className}`)
  writeFileSync(file, after)
}
