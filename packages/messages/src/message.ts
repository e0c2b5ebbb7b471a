import type { Codec } from './codec/codec.ts'
import { MessageReader } from './codec/message-reader.ts'
import { MessageWriter } from './codec/message-writer.ts'

/** A message in one version, without its header. */
export interface Message<Read, Written = Read> {
  /**
   * Byte fields are views of the content. Bytes after the message are ignored.
   *
   * @throws MalformedMessage when the content ends before the message, or is impossible
   */
  read(content: Uint8Array): Read
  /**
   * @returns the message in pieces; long bytes are not copied
   * @throws InvalidRequestError when a value does not fit, or the version lacks its field
   */
  write(value: Written): readonly Uint8Array[]
}

/** The codec has to match the types. */
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
