import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import { blocks } from './coverage.ts'

/**
 * Loaded before everything else (`--import`): what is loaded of the packages afterwards tells which of its blocks were
 * reached and how much it allocated. V8's own coverage takes milliseconds to ask for; this costs one load of a byte for
 * each block.
 */
const sources = /\/(?:packages\/([^/]+\/src\/(?!.*\.test\.ts$).+\.ts)|tests\/fuzz\/targets\/(broken-on-purpose\.ts))$/

registerHooks({
  load(url, context, nextLoad) {
    const [, shipped, broken] = (url.startsWith('file:') && sources.exec(fileURLToPath(url))) || []
    const path = shipped ?? broken
    const loaded = nextLoad(url, context)
    if (path === undefined || !loaded.source) return loaded
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
    return { ...loaded, format: 'module', source: instrumented(path, source) }
  },
})

const countedClasses = ['Uint8Array', 'Uint16Array', 'Uint32Array', 'Float64Array', 'ArrayBuffer']

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

interface Insertion {
  readonly at: number
  readonly text: string
  /** Of insertions at one place the lower comes first. */
  readonly rank: number
}

function instrumented(path: string, source: string): string {
  const code = stripTypeScriptTypes(source)
  const insertions: Insertion[] = []
  const mark = (): string => {
    const block = blocks.add(path)
    return `__reached[${block}]||__reach(${block})`
  }
  // What is visited first is what is outside: it opens first, and ends last.
  const before = (at: number, text: string): void => void insertions.push({ at, text, rank: insertions.length })
  const after = (at: number, text: string): void => void insertions.push({ at, text, rank: -insertions.length - 1 })
  const wrapExpression = (node: Node): void => {
    before(node.start, `(${mark()},`)
    after(node.end, ')')
  }
  const wrapStatement = (node: Node): void => {
    if (node.type === 'BlockStatement') return
    before(node.start, `{${mark()};`)
    after(node.end, '}')
  }
  visit(parseSync('code.js', code).program as unknown as Node, (node) => {
    const child = (field: string): Node => node[field] as Node
    switch (node.type) {
      case 'BlockStatement':
        before(node.start + 1, `${mark()};`)
        break
      case 'ArrowFunctionExpression':
        if (child('body').type !== 'BlockStatement') wrapExpression(child('body'))
        break
      case 'IfStatement':
        if (node['alternate']) wrapStatement(child('alternate'))
        else after(node.end, ` else{${mark()}}`)
        wrapStatement(child('consequent'))
        break
      case 'ForStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
        wrapStatement(child('body'))
        break
      case 'ConditionalExpression':
        wrapExpression(child('consequent'))
        wrapExpression(child('alternate'))
        break
      case 'LogicalExpression':
        wrapExpression(child('right'))
        break
      case 'SwitchCase':
        for (const first of (node['consequent'] as Node[]).slice(0, 1)) before(first.start, `${mark()};`)
        break
      case 'NewExpression':
        // The rest of the name is left to stand: __Uint8Array.
        if (countedClasses.includes(child('callee')['name'] as string)) before(child('callee').start, '__')
        break
      case 'MemberExpression':
        if (child('object')['name'] === 'Buffer' && String(child('property')['name']).startsWith('alloc'))
          before(child('object').start, '__')
        break
    }
  })
  insertions.sort((left, right) => left.at - right.at || left.rank - right.rank)
  const names = ['reached', 'reach', 'Buffer', ...countedClasses]
  const parts = [`const {${names.map((name) => `${name}:__${name}`).join()}}=globalThis.__coverage;`]
  let done = 0
  for (const { at, text } of insertions) {
    parts.push(code.slice(done, at), text)
    done = at
  }
  return parts.join('') + code.slice(done)
}

function visit(node: Node, enter: (node: Node) => void): void {
  enter(node)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof child === 'object' && child !== null && 'type' in child) visit(child as Node, enter)
}
