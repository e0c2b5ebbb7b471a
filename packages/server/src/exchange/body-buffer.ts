import { MessageTooLargeError } from '@kafkado/core'
import { Refusal, refuse } from './refusal.ts'

/** The longest body, and the option that sets this limit. */
export interface BodyLimit {
  readonly option: 'maxBodyBytes' | 'maxHeartbeatBytes'
  readonly bytes: number
}

/** Told of a body while it arrives. Bytes count when they are there: a declared length costs its sender nothing. */
export interface BodyMeter {
  /** @throws when there is no room for so many bytes more */
  reserve(bytes: number): void
  arrived(bytes: number): void
}

const noBytes = new Uint8Array(0)
const firstCapacity = 4 * 1024

/** Collects a body in a buffer that grows with what has arrived, and never beyond the declared length. */
export class BodyBuffer {
  readonly #declaredBytes: number | undefined
  readonly #limit: BodyLimit
  readonly #meter: BodyMeter
  readonly #allocate: (bytes: number) => Uint8Array
  #bytes: Uint8Array = noBytes
  #position = 0

  /**
   * @param declared the content-length header
   * @param allocate may return a buffer with old content: only received bytes ever leave it
   * @throws Refusal with 413 when the declared length is beyond the limit, or 400 when it is not a length
   */
  constructor(
    declared: string | undefined,
    limit: BodyLimit,
    meter: BodyMeter,
    allocate: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
  ) {
    this.#declaredBytes = declared === undefined ? undefined : lengthOf(declared)
    this.#limit = limit
    this.#meter = meter
    this.#allocate = allocate
    if ((this.#declaredBytes ?? 0) > limit.bytes) throw tooLarge(`of ${this.#declaredBytes} bytes`, limit)
  }

  /** @throws Refusal when the body is longer than the limit, or than declared */
  push(chunk: Uint8Array): void {
    const end = this.#position + chunk.length
    if (end > this.#bytes.length) this.#grow(end)
    this.#meter.arrived(chunk.length)
    this.#bytes.set(chunk, this.#position)
    this.#position = end
  }

  /** @throws Refusal with 400 when the body is shorter than declared */
  finish(): Uint8Array {
    if (this.#declaredBytes !== undefined && this.#position < this.#declaredBytes) {
      throw refuse(
        400,
        `the body has ${this.#position} bytes, fewer than the ${this.#declaredBytes} of its content-length`,
      )
    }
    return this.#bytes.subarray(0, this.#position)
  }

  #grow(needed: number): void {
    const declared = this.#declaredBytes
    if (declared !== undefined && needed > declared)
      throw refuse(400, `the body is longer than the ${declared} bytes of its content-length`)
    if (needed > this.#limit.bytes) throw tooLarge('without a declared length', this.#limit)
    // A declared length is probably true, so the buffer gets there in fewer steps.
    const roomy = declared === undefined ? this.#bytes.length * 2 : this.#bytes.length * 4
    const capacity = Math.min(Math.max(needed, roomy, firstCapacity), declared ?? this.#limit.bytes)
    this.#meter.reserve(capacity - this.#bytes.length)
    const grown = this.#allocate(capacity)
    grown.set(this.#bytes.subarray(0, this.#position))
    this.#bytes = grown
  }
}

function lengthOf(declared: string): number {
  if (/^\d{1,15}$/.test(declared)) return Number(declared)
  throw refuse(400, 'the content-length is not a whole number of bytes')
}

function tooLarge(what: string, { option, bytes }: BodyLimit): Refusal {
  return new Refusal(
    413,
    new MessageTooLargeError(`the body ${what} is larger than the ${bytes} bytes that this server takes (${option})`),
  )
}
