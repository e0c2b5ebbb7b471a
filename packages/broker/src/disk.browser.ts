import { InvalidRequestError } from '@kafkado/core'

/** Replaces `disk.ts` in a page, so that bundlers look for no files and databases there. */
export function openFolder(folder: string): never {
  throw new InvalidRequestError(`a page has no folders, so '${folder}' cannot be opened: use memory() or http()`)
}
