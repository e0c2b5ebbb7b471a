/** Why the decompression was stopped. */
export class UncompressedTooLong extends RangeError {
  constructor(maxBytes: number) {
    super(`it becomes longer than ${maxBytes} bytes`)
  }
}
