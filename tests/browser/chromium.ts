import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** Debian's names for it, and those of others. */
const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Where Chromium is; undefined where it is not installed. `KAFKADO_CHROMIUM` names another one. */
export function chromiumPath(): string | undefined {
  const { KAFKADO_CHROMIUM: given, PATH = '' } = process.env
  const paths = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...(given ? [given] : []), ...paths].find(isExecutable)
}

/** Ends with the process that has started it, however that ends. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    // Users have it, and a page in there is what a member of a group has to survive.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
