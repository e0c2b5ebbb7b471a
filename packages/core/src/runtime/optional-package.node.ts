import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Loads a package with native code that works better when it is installed and may be missing. A literal `import()` would
 * make bundlers follow it: they fail at the native file, or where the package is not installed.
 *
 * It is looked for beside this package, and then beside the application, as a bundle may have taken this file elsewhere.
 *
 * @throws Error when it is not installed, or there is no build for this machine
 */
export function requireOptional(name: string): unknown {
  const places = [import.meta.url, join(process.cwd(), 'package.json')]
  let failure: unknown
  for (const place of places) {
    try {
      return createRequire(place)(name)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}
