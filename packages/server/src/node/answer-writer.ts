import type { ServerResponse } from 'node:http'
import type { Clock, Timer } from '@kafkado/core'

/** So much is given to the socket at a time: its callback tells that the client reads. */
const sliceBytes = 64 * 1024

/**
 * Writes the body of an answer at the pace of its reader, and ends the connection of a reader that is too slow: its
 * answer fills memory that others need.
 */
export class AnswerWriter {
  readonly #response: ServerResponse
  readonly #clock: Clock
  readonly #slowestSliceMs: number
  #timer: Timer | undefined
  /** How many slices the socket has taken. */
  #taken = 0

  constructor(response: ServerResponse, clock: Clock, minBytesPerSecond: number) {
    this.#response = response
    this.#clock = clock
    this.#slowestSliceMs = minBytesPerSecond > 0 ? (sliceBytes / minBytesPerSecond) * 1000 : 0
  }

  /** Writes everything and ends the answer. */
  end(body: string | readonly Uint8Array[]): void {
    const response = this.#response
    if (typeof body === 'string') response.end(body)
    else {
      const slices = slicesOf(body)
      if (slices.length > 1) {
        this.#writeNext(slices.values(), slices.length)
        this.#watchInTurn()
        return
      }
      response.cork()
      for (const part of slices[0] ?? []) response.write(part)
      response.end()
    }
    // Nearly always the socket has taken a short answer by now.
    if (response.socket?.writableLength !== 0) this.#watchInTurn()
  }

  #writeNext(slices: Iterator<Uint8Array[]>, left: number): void {
    const { value: parts } = slices.next()
    if (!parts) return
    const response = this.#response
    const last = parts.at(-1) as Uint8Array
    if (left > 1) response.cork()
    for (const part of parts.slice(0, -1)) response.write(part)
    response.write(last, () => {
      this.#taken++
      if (left > 1) this.#writeNext(slices, left - 1)
      else response.end()
    })
    if (left > 1) response.uncork()
  }

  /** An answer waits for those before it on its connection. That is not the fault of its reader. */
  #watchInTurn(): void {
    if (this.#slowestSliceMs === 0) return
    this.#response.once('close', () => this.#timer?.cancel())
    if (this.#response.socket) this.#watch()
    else this.#response.once('socket', () => this.#watch())
  }

  #watch(): void {
    if (this.#response.writableFinished || this.#response.destroyed) return
    const taken = this.#taken
    this.#timer = this.#clock.schedule(
      this.#slowestSliceMs,
      () => {
        if (taken === this.#taken) this.#response.destroy()
        else this.#watch()
      },
      'background',
    )
  }
}

/** Groups the parts, without copies, so that each group has at most the size of a slice. */
function slicesOf(parts: readonly Uint8Array[]): Uint8Array[][] {
  const slices: Uint8Array[][] = []
  let slice: Uint8Array[] = []
  let room = 0
  for (const part of parts) {
    for (let start = 0; start < part.length;) {
      if (room === 0) {
        slice = []
        slices.push(slice)
        room = sliceBytes
      }
      const piece = part.subarray(start, start + room)
      slice.push(piece)
      start += piece.length
      room -= piece.length
    }
  }
  return slices
}
