import { InvalidRequestError } from './kafka-error.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
}

/** Puts an error of the file system into words. `file` is its path, and what it is for. */
export function unreadableFile(file: string, cause: unknown): InvalidRequestError {
  const { code = '', message } = cause as Error & { code?: string }
  return new InvalidRequestError(`${file} cannot be read: ${reasons[code] ?? message}`, { cause })
}
