import { InvalidRequestError } from '@kafkado/core'
import type { BuildProcessor } from '../processors/processor.ts'
import type { StoreDefinition } from '../state/store-definition.ts'
import type {
  AnyTopic,
  GlobalTableNode,
  GraphNode,
  LateNode,
  ProcessorNode,
  RepartitionNode,
  SourceNode,
} from './graph-node.ts'
import type { KeptRows } from './kept-rows.ts'

/** A name that contains a number: base, number from 2 on, suffix. */
export interface PositionalName {
  readonly base: string
  readonly suffix: string
}

export interface ProcessorParts {
  readonly operator: string
  /** The name given by the user. */
  readonly name?: string | undefined
  readonly inputs: readonly GraphNode[]
  readonly build: BuildProcessor
  readonly stores?: readonly StoreDefinition[]
  readonly sinks?: readonly AnyTopic[]
  readonly globals?: readonly GlobalTableNode[]
  readonly keepsValues?: boolean
  readonly needsCopartitioning?: boolean
  readonly takesNullKeys?: boolean
}

/** A topic that is not shared, and the user's name for it, if any. */
export interface OwnTopic {
  readonly name: string | undefined
}

/** How to read a topic, or all topics that match a pattern. */
type SourceWay = Pick<SourceNode, 'topic' | 'pattern' | 'timestampOf' | 'invalidTimestamp'>

export type RepartitionParts = Omit<RepartitionNode, 'kind' | 'name' | 'inputs'>

/** The operators in the order of their calls. The topology is made from it. */
export class Graph {
  #nodes: GraphNode[] = []
  #globals: GlobalTableNode[] = []
  #absorbedBy: Graph | undefined
  readonly #names = new Map<string, number>()
  /** The names given by users. */
  readonly #given = new Set<string>()
  readonly #positions = new Map<string, PositionalName>()
  readonly #stores = new Map<string, StoreDefinition>()
  readonly #sources: SourceNode[] = []
  readonly #repartitions = new Map<GraphNode, RepartitionNode>()
  /** The nodes that keep the rows of tables whose own operators do not. */
  readonly rowsOf = new Map<GraphNode, KeptRows>()

  /** The graph itself, or the one that absorbed it. */
  get whole(): Graph {
    return this.#absorbedBy?.whole ?? this
  }

  /**
   * Absorbs another graph, when an operator joins streams that were begun separately.
   *
   * @throws InvalidRequestError when stores or operators of both were given the same name
   */
  absorb(given: Graph): void {
    const other = given.whole
    if (other === this) return
    this.#takeNames(other)
    this.#nodes = [...this.#nodes, ...other.#nodes]
    this.#globals = [...this.#globals, ...other.#globals]
    for (const store of other.#stores.values()) this.store(store)
    for (const [name, position] of other.#positions) this.#positions.set(name, position)
    for (const [input, node] of other.#repartitions) this.#repartitions.set(input, node)
    for (const [node, rows] of other.rowsOf) this.rowsOf.set(node, rows)
    other.#absorbedBy = this
  }

  get nodes(): readonly GraphNode[] {
    return this.#nodes
  }

  get globals(): readonly GlobalTableNode[] {
    return this.#globals
  }

  /** One source for a topic or pattern, however often it is read. Another source if the serdes or times differ. */
  source(parts: SourceWay): SourceNode {
    const known = this.#sources.find((source) => isReadAlike(source, parts))
    if (known) return known
    const name = this.#nodeName(`source ${parts.topic.name}`)
    const node: SourceNode = { kind: 'source', name, inputs: [], ...parts }
    this.#sources.push(node)
    this.#nodes.push(node)
    return node
  }

  /** @throws InvalidRequestError when an operator was given the same name */
  processor({ name, ...parts }: ProcessorParts): ProcessorNode {
    const node: ProcessorNode = {
      kind: 'processor',
      name: name === undefined ? this.#nodeName(parts.operator) : this.#give(name),
      stores: [],
      sinks: [],
      globals: [],
      keepsValues: false,
      needsCopartitioning: false,
      takesNullKeys: false,
      ...parts,
      inputs: [...parts.inputs],
    }
    this.#nodes.push(node)
    return node
  }

  /** A store that was made before; undefined for none. */
  storeNamed(name: string): StoreDefinition | undefined {
    return this.#stores.get(name)
  }

  /**
   * The records of a node by their new key. All operators that need it share one topic, except those that ask for their
   * own.
   *
   * @throws InvalidRequestError when another topic was given the same name
   */
  repartition(input: GraphNode, parts: RepartitionParts, own?: OwnTopic): RepartitionNode {
    const known = own ? undefined : this.#repartitions.get(input)
    if (known && known.partitions === parts.partitions && known.keySerde === parts.keySerde) return known
    const topicSuffix = own?.name ?? this.uniqueName(parts.topicSuffix)
    const node: RepartitionNode = {
      kind: 'repartition',
      name: this.#nodeName('repartition'),
      inputs: [input],
      ...parts,
      topicSuffix,
    }
    if (
      own?.name !== undefined &&
      this.#nodes.some((one) => one.kind === 'repartition' && one.topicSuffix === own.name)
    )
      throw new InvalidRequestError(`there are two repartitions named '${own.name}'; give one of them another { name }`)
    if (!own) this.#repartitions.set(input, node)
    this.#nodes.push(node)
    return node
  }

  /** Gives a processor another input: the records that other tasks made from its output. */
  feedBack(node: ProcessorNode, from: RepartitionNode): void {
    node.inputs.push(from)
  }

  late(input: ProcessorNode): LateNode {
    const node: LateNode = { kind: 'late', name: this.#nodeName('late'), inputs: [input] }
    this.#nodes.push(node)
    return node
  }

  global(node: GlobalTableNode): GlobalTableNode {
    this.#globals.push(node)
    return node
  }

  /**
   * Registers a store.
   *
   * @throws InvalidRequestError when two operators gave their stores the same name
   */
  store(definition: StoreDefinition): StoreDefinition {
    if (this.#stores.has(definition.name))
      throw new InvalidRequestError(
        `there are two stores named '${definition.name}': ${this.#stores.get(definition.name)?.purpose}, ` +
          `and ${definition.purpose}; give one of them another { name }`,
      )
    this.#stores.set(definition.name, definition)
    return definition
  }

  /** An unused name: the second one of the same origin gets a number. */
  uniqueName(wanted: string): string {
    const name = wanted.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 160)
    const count = (this.#names.get(name) ?? 0) + 1
    this.#names.set(name, count)
    const unique = count === 1 ? name : `${name}-${count}`
    this.#positions.set(unique, { base: name, suffix: '' })
    return unique
  }

  /** Names one of several things that belong to a named one. */
  derivedName(name: string, suffix: string): string {
    const position = this.#positions.get(name)
    const derived = `${name}-${suffix}`
    if (position) this.#positions.set(derived, { ...position, suffix: `${position.suffix}-${suffix}` })
    return derived
  }

  /**
   * The default names. The second of the same origin differs by its number alone, and the number depends on its place
   * in the topology.
   */
  get positions(): ReadonlyMap<string, PositionalName> {
    return this.#positions
  }

  #nodeName(operator: string): string {
    const count = (this.#names.get(`node ${operator}`) ?? 0) + 1
    this.#names.set(`node ${operator}`, count)
    const name = count === 1 ? operator : `${operator} ${count}`
    return this.#given.has(name) ? this.#nodeName(operator) : name
  }

  /** A default name yields to the same name given by a user in the other graph. */
  #takeNames(other: Graph): void {
    for (const [name, count] of other.#names) this.#names.set(name, Math.max(count, this.#names.get(name) ?? 0))
    const own = [...this.#given]
    for (const name of other.#given) this.#give(name)
    for (const name of own) other.#makeRoom(name, this)
  }

  /** Registers the user's name for an operator. A default name that is equal gets replaced. */
  #give(name: string): string {
    if (typeof name !== 'string' || name.trim() === '')
      throw new InvalidRequestError('the name of an operator must be a string that is not empty')
    if (this.#given.has(name))
      throw new InvalidRequestError(`there are two operators named '${name}'; give one of them another { name }`)
    this.#given.add(name)
    this.#makeRoom(name)
    return name
  }

  #makeRoom(name: string, named: Graph = this): void {
    for (const node of this.#nodes)
      if (node.name === name) node.name = named.#nodeName(node.kind === 'processor' ? node.operator : node.kind)
  }
}

/** Separately made serdes may differ, even with the same name. */
function isReadAlike(one: SourceWay, other: SourceWay): boolean {
  return (
    one.topic.name === other.topic.name &&
    one.topic.key === other.topic.key &&
    one.topic.value === other.topic.value &&
    one.timestampOf === other.timestampOf &&
    one.invalidTimestamp === other.invalidTimestamp
  )
}
