import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Loads a package with native code that works better when it is installed and may be missing. A literal `import()`
 * would make bundlers follow it: they fail at the native file, or where the package is not installed.
 *
 * It is looked for beside the package that wants it, and then beside the application, as a bundle may have taken that
 * elsewhere.
 *
 * @param from the `import.meta.url` of a module of the package that wants it; a bundle may have none
 * @throws Error when it is not installed, or there is no build for this machine
 */
export function requireOptional(name: string, from: string | undefined): unknown {
  const places = [from, join(process.cwd(), 'package.json')]
  let failure: unknown
  for (const place of places) {
    if (!place) continue
    try {
      return createRequire(place)(name)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}
