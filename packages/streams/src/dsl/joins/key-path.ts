import { InvalidRequestError } from '@kafkado/core'

type Path = readonly string[]

class NotAPath extends Error {}

/**
 * Stands for a value of which only the properties that are read are of interest. Anything else that is done with it
 * ends the probe.
 */
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
 * does something else.
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
  /** What is left to check of a pair whose keys are equal; undefined where equal keys are all that was asked for. */
  readonly matches: ((left: unknown, right: unknown) => boolean) | undefined
}

/**
 * What belongs together: a comparison of one property of each side, such as `(order, customer) => order.customerId ===
 * customer.id`; or, for anything else, the key that each side has for the other, which may be made of the key of its
 * record as well.
 */
export type JoinOn<L, R, KL = unknown, KR = unknown> =
  | ((left: L, right: R) => boolean)
  | { readonly left: (left: L, key: KL) => unknown; readonly right: (right: R, key: KR) => unknown }

/**
 * The keys by which records meet. From a predicate like `(o, c) => o.customerId === c.id` they are found by calling it
 * with stand-ins: it has to compare one property of each side first, and be false when they differ.
 *
 * @throws InvalidRequestError when they cannot be found, which asks to name them
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

/** The one property of a side that was read, by way of the properties that it lies in. */
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
