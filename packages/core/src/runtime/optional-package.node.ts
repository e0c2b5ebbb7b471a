import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Loads an optional package with native code. A literal `import()` would make bundlers follow it: they fail at the
 * native file, or when the package is not installed.
 *
 * It looks beside the requesting package, and then beside the application, as a bundle may have moved the code.
 *
 * @param from the `import.meta.url` of a module of the requesting package; a bundle may have none
 * @throws Error when the package is not installed, or has no build for this machine
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
