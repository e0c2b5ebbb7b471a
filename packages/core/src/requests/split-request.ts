import type { AnyOperation, RequestElements, RequestOf, ResponseOf } from '../protocol/operation.ts'

/** What one request may be at most, as capabilities tells it. */
export interface RequestLimits {
  /** Partitions, topics or groups. */
  readonly maxPartitions: number
  readonly maxBodyBytes: number
}

/** A part of a request, which is a request itself. */
export interface RequestPart<Request> {
  readonly request: Request
  /** The topic of its first entry, where the part before has other partitions of the same entry. */
  readonly continued: string | undefined
}

interface Entry {
  readonly topic?: unknown
  readonly partitions?: unknown
}

type Lists = Record<string, unknown>

/** More than a JSON document or frame needs around what it carries. */
const envelopeBytes = 256

/** Whether the request is within the limits, or has nothing to be split by. */
export function isWithin(operation: AnyOperation, request: unknown, limits: RequestLimits): boolean {
  const { elements } = operation
  const list = elements && listOf(elements, request)
  if (!list) return true
  const count = countOf(list)
  if (count <= 1) return true
  if (count > limits.maxPartitions) return false
  const bytes = elements.mostBytesEach === undefined ? weigh(request) : count * elements.mostBytesEach
  return bytes + envelopeBytes <= limits.maxBodyBytes
}

/** The request in parts that are within the limits, in order. What cannot be divided any further is a part of its own, whatever its size. */
export function splitRequest<O extends AnyOperation>(
  operation: O,
  request: RequestOf<O>,
  limits: RequestLimits,
): RequestPart<RequestOf<O>>[] {
  const { asked } = operation.elements as RequestElements
  const list = (request as Lists)[asked] as unknown[]
  const parts = new Parts(limits, weigh({ ...(request as object), [asked]: [] }) + envelopeBytes)
  for (const entry of list) parts.add(entry)
  return parts.all.map(({ entries, continued }) => ({ request: { ...request, [asked]: entries }, continued }))
}

/** The answer to the whole request. */
export function mergeResponses<O extends AnyOperation>(
  operation: O,
  parts: readonly RequestPart<RequestOf<O>>[],
  responses: readonly ResponseOf<O>[],
): ResponseOf<O> {
  const { answered } = operation.elements as RequestElements
  const merged: unknown[] = []
  let throttleTimeMs = 0
  for (const [index, response] of responses.entries()) {
    const answers = (response as Lists)[answered] as Entry[]
    throttleTimeMs = Math.max(throttleTimeMs, (response as { throttleTimeMs: number }).throttleTimeMs)
    const joined = join(merged as Entry[], answers, parts[index]?.continued)
    for (const answer of answers) if (answer !== joined) merged.push(answer)
  }
  return { ...(responses.at(-1) as object), throttleTimeMs, [answered]: merged } as ResponseOf<O>
}

/** Puts the partitions of a topic that was cut in two together again. @returns the answer that is part of another one now */
function join(merged: Entry[], answers: readonly Entry[], continued: string | undefined): Entry | undefined {
  if (continued === undefined) return undefined
  const isIt = ({ topic }: Entry): boolean => topic === continued
  const begun = merged.findLastIndex(isIt)
  const rest = answers.find(isIt)
  if (begun < 0 || !rest) return undefined
  const partitions = (merged[begun]?.partitions as unknown[]).concat(rest.partitions)
  merged[begun] = { ...merged[begun], partitions }
  return rest
}

/** Fills one part after the other. */
class Parts {
  readonly all: { entries: unknown[]; continued: string | undefined }[] = []
  readonly #limits: RequestLimits
  readonly #emptyBytes: number
  #count = 0
  #bytes = 0

  constructor(limits: RequestLimits, emptyBytes: number) {
    this.#limits = limits
    this.#emptyBytes = emptyBytes
  }

  add(entry: unknown): void {
    const { topic, partitions } = (entry ?? {}) as Entry
    if (!Array.isArray(partitions) || partitions.length === 0) {
      this.#place(entry, weigh(entry), undefined)
      return
    }
    const head = { ...(entry as object), partitions: [] as unknown[] }
    const headBytes = weigh(head)
    let open: unknown[] | undefined
    for (const partition of partitions) {
      const bytes = weigh(partition)
      if (open && this.#hasRoom(bytes)) {
        open.push(partition)
        this.#count += 1
        this.#bytes += bytes
        continue
      }
      const isContinued = open !== undefined
      open = [partition]
      this.#place({ ...head, partitions: open }, headBytes + bytes, isContinued ? (topic as string) : undefined)
    }
  }

  #place(entry: unknown, bytes: number, continued: string | undefined): void {
    const last = this.all.at(-1)
    if (last && continued === undefined && this.#hasRoom(bytes)) {
      last.entries.push(entry)
      this.#count += 1
      this.#bytes += bytes
      return
    }
    this.all.push({ entries: [entry], continued })
    this.#count = 1
    this.#bytes = this.#emptyBytes + bytes
  }

  #hasRoom(bytes: number): boolean {
    return this.#count < this.#limits.maxPartitions && this.#bytes + bytes <= this.#limits.maxBodyBytes
  }
}

function listOf({ asked }: RequestElements, request: unknown): readonly unknown[] | undefined {
  const list = (request as Lists | null | undefined)?.[asked]
  return Array.isArray(list) ? list : undefined
}

/** Counted as servers count: each partition, and each entry without any. */
export function countOf(list: readonly unknown[]): number {
  let count = 0
  for (const entry of list) {
    const partitions = (entry as Entry | null | undefined)?.partitions
    count += Array.isArray(partitions) ? Math.max(partitions.length, 1) : 1
  }
  return count
}

/** The most that a character can become: an escape such as \u0000. */
const longestCharacterBytes = 6
const longestNumberBytes = 25
const deepest = 8

/** How many bytes a value takes in JSON or a frame at most, without writing it. */
function weigh(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length * longestCharacterBytes + 3
  if (typeof value !== 'object' || value === null || depth === deepest) return longestNumberBytes
  if (value instanceof Uint8Array) return value.length + longestNumberBytes
  let bytes = 2
  if (Array.isArray(value)) for (const element of value) bytes += weigh(element, depth + 1) + 1
  else for (const name in value) bytes += name.length + 4 + weigh((value as Lists)[name], depth + 1)
  return bytes
}
