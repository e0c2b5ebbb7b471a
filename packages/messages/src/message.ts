import type { Codec } from './codec/codec.ts'
import { MessageReader } from './codec/message-reader.ts'
import { MessageWriter } from './codec/message-writer.ts'

/** A message in one version, without the header that goes before it. */
export interface Message<Read, Written = Read> {
  /**
   * Bytes of it are views of the content. What comes after the message is left alone.
   *
   * @throws MalformedMessage when the content ends before the message, or holds what cannot be
   */
  read(content: Uint8Array): Read
  /**
   * @returns the message in pieces, in which long bytes are not copied
   * @throws InvalidRequestError when a value does not fit, or the version has no place for it
   */
  write(value: Written): readonly Uint8Array[]
}

/** The codec has to be that of the types. */
export function messageOf<Read, Written>(codec: Codec): Message<Read, Written> {
  return {
    read: (content) => codec.read(new MessageReader(content)) as Read,
    write: (value) => {
      const writer = new MessageWriter()
      codec.write(writer, value)
      return writer.finish()
    },
  }
}
