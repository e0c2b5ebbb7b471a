import { InvalidRequestError } from '@kafkado/core'

type Path = readonly string[]

class NotAPath extends Error {}

/** Stands in for a value, and reports which properties are read. Any other use ends the probe. */
function probe(path: Path, onRead: (path: Path) => void): unknown {
  return new Proxy(() => undefined, {
    get(_target, property) {
      if (typeof property === 'symbol') throw new NotAPath()
      const read = [...path, property]
      onRead(read)
      return probe(read, onRead)
    },
    apply() {
      throw new NotAPath()
    },
    has() {
      throw new NotAPath()
    },
  })
}

/**
 * The name of the property that a function selects, such as `customerId` for `(o) => o.customerId`; undefined when it
 * does anything else.
 */
export function selectedPath(select: (value: unknown, ...rest: never[]) => unknown): string | undefined {
  let last: Path = []
  const reads: Path[] = []
  try {
    const result = select(
      probe([], (path) => {
        last = path
        reads.push(path)
      }),
    )
    const isPath = typeof result === 'function' && last.length > 0 && reads.length === last.length
    return isPath ? last.join('-') : undefined
  } catch {
    return undefined
  }
}

export interface JoinKeys {
  readonly left: (value: unknown, key: unknown) => unknown
  readonly right: (value: unknown, key: unknown) => unknown
  readonly label: string
  /** The remaining check of a pair with equal keys; undefined if equal keys are enough. */
  readonly matches: ((left: unknown, right: unknown) => boolean) | undefined
}

/**
 * Which records belong together: a comparison of one property of each side, such as `(order, customer) =>
 * order.customerId === customer.id`; or, for anything else, a function per side that returns its key for the other
 * side, and may also use the key of its record.
 */
export type JoinOn<L, R, KL = unknown, KR = unknown> =
  | ((left: L, right: R) => boolean)
  | { readonly left: (left: L, key: KL) => unknown; readonly right: (right: R, key: KR) => unknown }

/**
 * Finds the keys by which records meet. A predicate such as `(o, c) => o.customerId === c.id` is called with stand-ins:
 * it must first compare one property of each side, and be false when they differ.
 *
 * @throws InvalidRequestError when it cannot find them; the message asks to name them
 */
export function joinKeysOf(on: JoinOn<never, never>): JoinKeys {
  if (typeof on !== 'function') {
    const { left, right } = on as Pick<JoinKeys, 'left' | 'right'>
    if (typeof left !== 'function' || typeof right !== 'function') throw notFound('it needs both left and right')
    return { left, right, label: selectedPath(left) ?? 'key', matches: undefined }
  }
  const predicate = on as (left: unknown, right: unknown) => boolean
  const { left, right } = comparedPaths(predicate)
  return {
    left: (value) => valueAt(value, left),
    right: (value) => valueAt(value, right),
    label: left.join('-'),
    matches: predicate,
  }
}

function comparedPaths(predicate: (left: unknown, right: unknown) => unknown): { left: Path; right: Path } {
  const reads: { side: 'left' | 'right'; path: Path }[] = []
  let result: unknown
  try {
    result = predicate(
      probe([], (path) => reads.push({ side: 'left', path })),
      probe([], (path) => reads.push({ side: 'right', path })),
    )
  } catch {
    throw notFound('it does more than compare properties')
  }
  if (result !== false) throw notFound('it holds for properties that differ')
  const [left, right] = [onlyPath(reads, 'left'), onlyPath(reads, 'right')]
  if (!left || !right) throw notFound('it does not compare one property of each side with ===, before anything else')
  return { left, right }
}

/** The one property read of a side, with the path of properties to it. */
function onlyPath(reads: readonly { side: string; path: Path }[], side: string): Path | undefined {
  const own = reads.filter((read) => read.side === side).map(({ path }) => path)
  const last = own.at(-1)
  const isOne =
    last !== undefined && own.length === last.length && own.every((path, index) => path.length === index + 1)
  return isOne ? last : undefined
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const property of path) found = (found as Record<string, unknown> | null | undefined)?.[property]
  return found
}

function notFound(why: string): InvalidRequestError {
  return new InvalidRequestError(
    `join: the keys cannot be told from \`on\`, because ${why}; name them: on: { left: (l) => …, right: (r) => … }`,
  )
}
