import { InvalidRequestError } from '@kafkado/core'

/** In the place of `disk.ts` in a page, so that bundlers do not look for files and databases there. */
export function openFolder(folder: string): never {
  throw new InvalidRequestError(`a page has no folders, so '${folder}' cannot be opened: use memory() or http()`)
}
