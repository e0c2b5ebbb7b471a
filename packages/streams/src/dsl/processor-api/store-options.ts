import { type Duration, InvalidRequestError, json } from '@kafkado/core'
import { anyField, booleanField, type ConfigFields, toMilliseconds } from '@kafkado/core/internal'
import type { GlobalTableNode } from '../../graph/graph-node.ts'
import type { Graph } from '../../graph/graph.ts'
import type { StoreDefinition } from '../../state/store-definition.ts'
import { GlobalTable } from '../table/global-table.ts'
import { optionsOf } from '../operator-options.ts'
import type { StreamParts, TableParts } from '../parts.ts'
import { derivedKeySerde, serdeOf } from '../serdes.ts'
import { storeOf } from '../table/table-of.ts'
import type { AnySerdeLike } from '../types.ts'

interface StoreSerdes {
  /** The serde of the keys. Default: strings as they are, and JSON for other keys. */
  key?: AnySerdeLike | undefined
  /**
   * The serde of the values. Default JSON. Set it for values that JSON cannot represent, such as a Date or a bigint.
   */
  value?: AnySerdeLike | undefined
  /**
   * Whether its changes go to a changelog topic, to restore it from. Default true. Without it, the store is empty
   * wherever its task begins. Switch it off for content that you can find again, to save the writes. Kafka:
   * withLoggingDisabled.
   */
  logged?: boolean | undefined
}

/** A store by key. Kafka: Stores.keyValueStoreBuilder. */
export interface KeyValueStoreOptions extends StoreSerdes {
  kind?: 'key-value' | undefined
}

/** A store by key and window, which forgets the windows that began too long ago. Kafka: Stores.windowStoreBuilder. */
export interface WindowStoreOptions extends StoreSerdes {
  kind: 'window'
  /** The length of each window. It only matters for queries and `entries()`. Kafka: Stores.windowStoreBuilder. */
  windowSize: Duration
  /**
   * How long a window is kept, counted from the start of the task's latest window. At least `windowSize`. Raise it for
   * late records; the store grows with it. Kafka: retentionPeriod.
   */
  retention: Duration
}

/**
 * A store by key and session, which forgets the sessions that ended too long ago. Kafka: Stores.sessionStoreBuilder.
 */
export interface SessionStoreOptions extends StoreSerdes {
  kind: 'session'
  /**
   * How long a session is kept, counted from the end of the task's latest session. Raise it for late records; the store
   * grows with it. Kafka: retentionPeriod.
   */
  retention: Duration
}

const keyValueStore: ConfigFields<KeyValueStoreOptions> = {
  key: anyField(),
  value: anyField(),
  logged: booleanField(),
  kind: anyField(),
}
const sessionStore = { ...keyValueStore, retention: anyField() }
const windowStore = { ...sessionStore, windowSize: anyField() }
/** The options of each kind of store. A store refuses options of another kind. */
const storeOptions: Readonly<Record<string, ConfigFields<StoreOptions>>> = {
  'key-value': keyValueStore,
  session: sessionStore,
  window: windowStore,
}

export type StoreOptions = KeyValueStoreOptions | WindowStoreOptions | SessionStoreOptions

/**
 * A store shared by several processors, which run in the same task. Made by `StreamsBuilder.addStateStore`. Kafka:
 * StoreBuilder.
 */
export class SharedStore {
  /** @internal */
  readonly parts: { readonly graph: Graph; readonly definition: StoreDefinition }

  /** @internal it comes from StreamsBuilder.addStateStore */
  constructor(graph: Graph, definition: StoreDefinition) {
    this.parts = { graph, definition }
  }

  get name(): string {
    return this.parts.definition.name
  }
}

export interface StoresOptions {
  /**
   * The stores of the processor, by the names it uses. Give options for a store of its own; a store from
   * `addStateStore` to share it; or a table or global table to read it. A processor that reads a table runs in the
   * table's tasks, and finds the keys of its own partition. Default: none. Kafka: the store names of KStream.process.
   */
  stores?: Record<string, StoreOptions | SharedStore | StoredTable | AnyGlobalTable> | undefined
}

/** What is needed of a table, which takes stores itself. */
interface StoredTable {
  /** @internal */
  readonly parts: TableParts
  readonly storeName: string | undefined
}

// oxlint-disable-next-line typescript/no-explicit-any -- the caller names the types when asking for the store
type AnyGlobalTable = GlobalTable<any, any>

/** The stores of a processor, by the names it uses. */
export interface AskedStores {
  readonly byName: ReadonlyMap<string, StoreDefinition>
  /** The stores that its task keeps. */
  readonly own: readonly StoreDefinition[]
  readonly globals: readonly GlobalTableNode[]
  /** Why those may not be written to that are somebody else's. */
  readonly readOnly: ReadonlyMap<StoreDefinition, string>
}

/** @throws InvalidRequestError when the options of a store are not valid, or a name occurs twice */
export function askedStores(
  { graph, lineage }: Pick<StreamParts, 'graph' | 'lineage'>,
  { stores = {} }: StoresOptions,
): AskedStores {
  const [byName, own] = [new Map<string, StoreDefinition>(), [] as StoreDefinition[]]
  const globals: GlobalTableNode[] = []
  const readOnly = new Map<StoreDefinition, string>()
  for (const [name, asked] of Object.entries(stores)) {
    if (asked instanceof GlobalTable) {
      graph.whole.absorb(asked.parts.graph)
      globals.push(asked.parts.global)
      byName.set(name, asked.parts.global.store)
      readOnly.set(asked.parts.global.store, 'a global table, which holds what its topic says: write to the topic')
      continue
    }
    if (isStoredTable(asked)) {
      const definition = storeOfTable(graph, name, asked)
      own.push(definition)
      byName.set(name, definition)
      readOnly.set(definition, 'the store of a table, which that alone writes to')
      continue
    }
    if (asked instanceof SharedStore) graph.whole.absorb(asked.parts.graph)
    const definition =
      asked instanceof SharedStore
        ? asked.parts.definition
        : definedStore(graph, name, asked, `the store '${name}' of a processor of ${lineage}`)
    own.push(definition)
    byName.set(name, definition)
  }
  return { byName, own, globals, readOnly }
}

function isStoredTable(asked: StoreOptions | SharedStore | StoredTable): asked is StoredTable {
  return typeof asked === 'object' && asked !== null && 'storeName' in asked
}

/** @throws InvalidRequestError when the table has none */
function storeOfTable(graph: Graph, name: string, { parts, storeName }: StoredTable): StoreDefinition {
  graph.whole.absorb(parts.graph)
  const definition = storeName === undefined ? undefined : graph.whole.storeNamed(storeName)
  if (!definition)
    throw new InvalidRequestError(`store '${name}': the table has no store of its own; give its operator a { name }`)
  parts.olds.keep()
  return definition
}

/** @throws InvalidRequestError */
export function definedStore(graph: Graph, name: string, given: StoreOptions, purpose: string): StoreDefinition {
  const options = optionsOf(
    `store '${name}'`,
    storeOptions[given?.kind ?? 'key-value'] ?? windowStore,
    given,
  ) as StoreOptions
  const serdes = {
    key: options.key === undefined ? derivedKeySerde : serdeOf(options.key),
    value: options.value === undefined ? json() : serdeOf(options.value),
  }
  const { logged: isLogged = true } = options
  return storeOf({ graph, ...serdes }, { name, purpose, isLogged, ...shapeOf(name, options) })
}

function shapeOf(name: string, options: StoreOptions): Pick<StoreDefinition, 'kind' | 'retentionMs' | 'windowSizeMs'> {
  const { kind = 'key-value' } = options
  const timed = options as Partial<WindowStoreOptions>
  const duration = (option: 'retention' | 'windowSize'): number => {
    const given = timed[option]
    if (given === undefined)
      throw new InvalidRequestError(`store '${name}': a ${kind} store needs { ${option} }, such as '1h'`)
    return toMilliseconds(given, `store '${name}': ${option}`)
  }
  switch (kind) {
    case 'key-value':
      return { kind, retentionMs: 0, windowSizeMs: 0 }
    case 'session':
      return { kind, retentionMs: duration('retention'), windowSizeMs: 0 }
    case 'window': {
      const [retentionMs, windowSizeMs] = [duration('retention'), duration('windowSize')]
      if (retentionMs < windowSizeMs)
        throw new InvalidRequestError(
          `store '${name}': a retention of ${retentionMs} ms is shorter than the windows, ` +
            `which have ${windowSizeMs} ms: they would be forgotten while they are filled`,
        )
      return { kind, retentionMs, windowSizeMs }
    }
    default:
      throw new InvalidRequestError(
        `store '${name}': kind must be 'key-value', 'window' or 'session', got '${String(kind)}'`,
      )
  }
}
