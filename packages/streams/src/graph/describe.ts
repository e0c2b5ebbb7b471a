import { type GraphNode, isSource, type RepartitionNode, type SourceNode } from './graph-node.ts'
import { InternalNames } from './internal-names.ts'
import type { Topology } from './topology.ts'

export interface TopologyDescription {
  readonly text: string
  /** A flow chart; GitHub and many editors draw it. */
  readonly mermaid: string
  toString(): string
}

/** Describes the topology as a string and a Mermaid flow chart. */
export function describeTopology(topology: Topology): TopologyDescription {
  const text = textOf(topology)
  return { text, mermaid: mermaidOf(topology), toString: () => text }
}

/** Lists what the application makes on the server, and why. */
export function explainTopology({ subtopologies, globals }: Topology, application: string): string {
  const names = new InternalNames(application)
  const lines: string[] = []
  for (const part of subtopologies) {
    const { id, sources, nodes, stores } = part
    const topics = sources.map((source) => readBy(source, names)).join(' and ')
    lines.push(`Part ${id} reads ${topics}; there is one task for each partition.`)
    const tasks = names.tasks(part)
    if (tasks !== undefined)
      lines.push(
        `  topic '${tasks}': its partitions say which member runs which task, as the topics that match come and go`,
      )
    for (const node of nodes)
      if (node.kind === 'repartition')
        lines.push(`  topic '${names.repartition(node)}': repartition, because ${node.reason}`)
    for (const store of stores)
      lines.push(
        store.isLogged
          ? `  topic '${names.changelog(store)}': changelog of store '${store.name}', which keeps ${store.purpose}`
          : `  store '${store.name}' keeps ${store.purpose}`,
      )
  }
  for (const { store } of globals) lines.push(`Every member keeps ${store.purpose} in store '${store.name}'.`)
  return lines.join('\n')
}

function textOf({ subtopologies, globals }: Topology): string {
  const lines: string[] = ['Topology']
  for (const { id, sources, nodes } of subtopologies) {
    lines.push(`  Part ${id}`)
    for (const source of sources)
      lines.push(`    ${labelOf(source)}`, `      → ${followers(source, nodes) || 'nothing'}`)
    for (const node of nodes) {
      if (node.kind === 'repartition') continue
      const details =
        node.kind === 'processor'
          ? [
              ...node.stores.map(({ name }) => `store ${name}`),
              ...node.globals.map(({ store }) => `global store ${store.name}`),
              ...node.sinks.map(({ name }) => `topic ${name}`),
            ]
          : []
      lines.push(`    ${node.name}${details.length > 0 ? ` (${details.join(', ')})` : ''}`)
      const next = followers(node, nodes)
      if (next) lines.push(`      → ${next}`)
    }
  }
  for (const { name, store } of globals) lines.push(`  Global table ${name} (store ${store.name})`)
  return lines.join('\n')
}

function followers(node: GraphNode, nodes: readonly GraphNode[]): string {
  return nodes
    .filter(({ inputs }) => inputs.includes(node))
    .map((next) => (next.kind === 'repartition' ? labelOf(next) : next.name))
    .join(', ')
}

function readBy(source: SourceNode | RepartitionNode, names: InternalNames): string {
  const name = names.topicOf(source)
  return source.kind === 'source' && source.pattern ? `all topics that match ${name}` : `'${name}'`
}

function labelOf(node: GraphNode): string {
  if (node.kind === 'source') return `${node.pattern ? 'topics' : 'topic'} ${node.topic.name}`
  return node.kind === 'repartition' ? `repartition ${node.topicSuffix}` : node.name
}

function mermaidOf({ subtopologies, globals, nodes: all }: Topology): string {
  const ids = new Map<unknown, string>(all.map((node, index) => [node, `n${index}`]))
  const lines = ['flowchart TD']
  const edges: string[] = []
  const topics = new Map<string, string>()
  const topic = (name: string): string => {
    const id = topics.get(name) ?? `t${topics.size}`
    topics.set(name, id)
    return id
  }
  const stores = new Map<string, string>()
  for (const { id, sources, nodes } of subtopologies) {
    lines.push(`  subgraph part${id}["Part ${id}"]`)
    for (const node of [...sources.filter(({ kind }) => kind === 'source'), ...nodes.filter((one) => !isSource(one))])
      if (node.kind !== 'source') lines.push(`    ${ids.get(node)}["${quoted(labelOf(node))}"]`)
    for (const node of nodes) {
      if (node.kind !== 'processor') continue
      for (const { name } of [...node.stores, ...node.globals.map(({ store }) => store)]) {
        const store = stores.get(name) ?? `s${stores.size}`
        if (!stores.has(name)) lines.push(`    ${store}[("${quoted(name)}")]`)
        stores.set(name, store)
        edges.push(`  ${ids.get(node)} -.- ${store}`)
      }
      for (const { name } of node.sinks) edges.push(`  ${ids.get(node)} --> ${topic(name)}`)
    }
    lines.push('  end')
  }
  const idOf = (node: GraphNode): string =>
    node.kind === 'source' ? topic(node.topic.name) : (ids.get(node) as string)
  for (const node of all) {
    if (node.kind === 'repartition') lines.push(`  ${ids.get(node)}(["${quoted(labelOf(node))}"])`)
    for (const input of node.inputs) edges.push(`  ${idOf(input)} --> ${idOf(node)}`)
  }
  for (const { name, store } of globals)
    edges.push(`  ${topic(name)} --> ${stores.get(store.name) ?? topic(store.name)}`)
  for (const [name, id] of topics)
    lines.push(`  ${id}(["${name.startsWith('/') ? 'topics' : 'topic'} ${quoted(name)}"])`)
  return [...lines, ...edges].join('\n')
}

function quoted(text: string): string {
  return text.replaceAll('"', '#quot;')
}
