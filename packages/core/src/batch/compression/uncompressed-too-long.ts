/** Why something is not decompressed any further. */
export class UncompressedTooLong extends RangeError {
  constructor(maxBytes: number) {
    super(`it becomes longer than ${maxBytes} bytes`)
  }
}
