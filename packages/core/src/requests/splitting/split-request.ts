import type { AnyOperation, RequestElements, RequestOf, ResponseOf } from '../../protocol/operation.ts'
import { type Entry, envelopeBytes, type Lists, type RequestLimits, weigh } from './request-limits.ts'

/** A part of a request, itself a request. */
export interface RequestPart<Request> {
  readonly request: Request
  /** The topic of its first entry, if the previous part has other partitions of the same entry. */
  readonly continued: string | undefined
}

/**
 * Splits the request into parts within the limits, in order. An element that cannot be divided further becomes a part
 * of its own, whatever its size.
 */
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

/** Merges the answers of the parts into the answer to the whole request. */
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

/**
 * Joins the partitions of a topic that was split between two parts.
 *
 * @returns the answer that was merged into another one
 */
function join(merged: Entry[], answers: readonly Entry[], continued: string | undefined): Entry | undefined {
  if (continued === undefined) return undefined
  const isIt = ({ topic }: Entry): boolean => topic === continued
  const begun = merged.findLastIndex(isIt)
  const rest = answers.find(isIt)
  if (begun < 0 || !rest) return undefined
  const entry = merged[begun] as Entry
  const partitions = [...(entry.partitions as unknown[]), ...(rest.partitions as unknown[])]
  merged[begun] = { ...entry, partitions }
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
