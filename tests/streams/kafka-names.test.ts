import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { expect, it } from 'vitest'
import { filesUnder, root } from '../architecture/source-files.ts'
import { isNode, type Node } from '../architecture/syntax.ts'

const folders = ['app', 'dsl', 'errors', 'member/metrics', 'settings', 'windows']
/** Interfaces that are no options, but which users of Kafka Streams look for too. */
const alsoLooked = new Set([
  'ErrorHandlers',
  'FixedKeyProcessorContext',
  'Named',
  'OperatorContext',
  'ProcessorContext',
  'StoreSerdes',
  'StreamsEvents',
  'StreamsMetrics',
  'SuppressBuffer',
])

/** What users can name, by the report of what the package offers. */
const offered = new Set(
  [...readText('packages/streams/api/streams.api.md').matchAll(/^(?:export )?(?:class|interface) (\w+)/gm)].map(
    ([, type]) => type,
  ),
)

const sameName = 'Kafka Streams calls it the same'
const isToStream = 'Kafka Streams has it behind toStream()'
const forPairs = 'it takes pairs, which Kafka Streams has no stream of: a ValueJoiner makes one value of them'
const noTwin = 'Kafka Streams has none'
const bySerdes = 'Consumed, Produced, Grouped and Materialized of Kafka Streams take serdes everywhere'
const sayElsewhere = 'what it belongs to says so'

/** Operators and options whose docstring does not say what Kafka calls them, with the reason. */
const unnamed: Readonly<Record<string, readonly string[]>> = {
  [sameName]: [
    ...['aggregate', 'cogroup'].map((name) => `CogroupedStream.${name}`),
    ...['aggregate', 'cogroup', 'count', 'reduce'].map((name) => `GroupedStream.${name}`),
    ...['aggregate', 'count', 'reduce'].map((name) => `GroupedTable.${name}`),
    ...['aggregate', 'count', 'reduce'].map((name) => `WindowedGroupedStream.${name}`),
    ...['join', 'leftJoin', 'outerJoin'].map((name) => `JoinableStream.${name}`),
    ...['flatMap', 'groupBy', 'map', 'mapValues', 'merge', 'peek'].map((name) => `Stream.${name}`),
    ...['repartition', 'selectKey', 'through', 'toTable'].map((name) => `Stream.${name}`),
    ...['groupBy', 'leftJoin', 'outerJoin', 'toStream'].map((name) => `Table.${name}`),
    'EndingStream.forEach',
    'StreamsBuilder.describe',
    'StreamsBuilder.start',
    ...['partition', 'taskId'].map((name) => `OperatorContext.${name}`),
  ],
  [isToStream]: ['Table.forEach', 'Table.to', 'WindowedTable.forEach'],
  [forPairs]: ['filter', 'forEach', 'map', 'mapValues', 'peek', 'to', 'toStream'].map((name) => `JoinedStream.${name}`),
  [noTwin]: [
    'EndingStream.branch',
    'MapAsyncOptions.concurrency',
    'MapAsyncOptions.order',
    'Stream.mapAsync',
    'Stream.window',
    'StreamJoinOptions.on',
    'StreamsBuilder.explain',
    'StreamsEvents.error',
    ...['dropState', 'module', 'planFile', 'queryKey', 'runtime', 'stateFlushInterval'].map(
      (name) => `StreamsOptions.${name}`,
    ),
    'QueryServerOptions.host',
    'QueryServerOptions.port',
    'TableJoinOptions.on',
    'WindowedStream.groupBy',
    'WindowedStream.groupByKey',
    'WindowedTable.late',
  ],
  [bySerdes]: [
    'MapOptions.key',
    'ProcessOptions.key',
    'ProcessValuesOptions.value',
    'StoreSerdes.key',
    'StoreSerdes.value',
  ],
  [sayElsewhere]: [
    'ForeignKeyJoinOptions.cache',
    'GlobalJoinOptions.key',
    'GlobalStoreOptions.name',
    ...['KeyValue', 'Session', 'Window'].map((kind) => `${kind}StoreOptions.kind`),
    'SharedStore.name',
    'StreamsOptions.consumer',
    'StreamsOptions.producer',
    'TableOptions.cache',
    'TopologyNode.name',
  ],
}

function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Operators and options by `Type.name`, and whether the docstring says what Kafka calls them. */
function membersOf(path: string): Map<string, boolean> {
  const code = readText(path)
  const { program, comments } = parseSync(path, code)
  const docBefore = ({ start }: Node): string => {
    const before = comments.findLast(({ end }) => end <= start)
    return before && code.slice(before.end, start).trim() === '' ? before.value.replaceAll(/\s+(\* )?/g, ' ') : ''
  }
  const found = new Map<string, boolean>()
  const statements: readonly unknown[] = program.body
  for (const statement of statements.filter(isNode)) {
    const declared = isNode(statement['declaration']) ? statement['declaration'] : statement
    const type = isNode(declared['id']) ? String(declared['id']['name']) : ''
    const isClass = declared.type === 'ClassDeclaration' && path.includes('/dsl/')
    const isLooked = declared.type === 'TSInterfaceDeclaration' && (type.endsWith('Options') || alsoLooked.has(type))
    if (!offered.has(type) || !(isClass || isLooked)) continue
    for (const member of (declared['body'] as { body: Node[] }).body) {
      const key = member['key']
      const isCalled = /Method|TSPropertySignature/.test(member.type) && member['kind'] !== 'constructor'
      const doc = docBefore(member)
      if (!isCalled || !isNode(key) || key.type !== 'Identifier' || doc.includes('@internal')) continue
      const name = `${type}.${String(key['name'])}`
      // The first of several overloads has the docstring of all.
      found.set(name, (found.get(name) ?? false) || /Kafka: \S|\(KIP-\d+/.test(doc))
    }
  }
  return found
}

it('every operator and option of streams says what Kafka Streams calls it, or is named with why not', () => {
  const members = folders.flatMap((folder) =>
    filesUnder(`packages/streams/src/${folder}`).flatMap((path) => [...membersOf(path)]),
  )
  expect(members.length).toBeGreaterThan(150)
  const missing = members.filter(([, isNamed]) => !isNamed).map(([name]) => name)
  expect(missing.toSorted()).toEqual(Object.values(unnamed).flat().toSorted())
})
