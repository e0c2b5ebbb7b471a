import { InvalidRequestError } from '@kafkado/core'

/**
 * Takes the folder of `file:./data` and `file:/data` as written. `file:///data` is a URL: a space is %20, and on
 * Windows the drive follows a slash: `file:///C:/data`.
 *
 * @throws InvalidRequestError when the URL names no folder
 */
export function folderOfUrl(url: string, platform: string | undefined = globalThis.process?.platform): string {
  if (!url.startsWith('file://')) return named(url, url.slice('file:'.length))
  const path = pathOf(url)
  return named(url, platform === 'win32' ? path.replace(/^\/(?=[a-z]:)/i, '') : path)
}

function named(url: string, folder: string): string {
  if (folder === '') throw new InvalidRequestError(`${url}: name a folder, such as file:./data`)
  return folder
}

function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch (cause) {
    throw new InvalidRequestError(
      `${JSON.stringify(url)} is no URL: what stands after file:// is a host or nothing and a path, ` +
        'in which % begins two hexadecimal digits; file:./data takes the folder as it is',
      { cause },
    )
  }
}
