#!/usr/bin/env node
// Core looks at the version of Node when it loads, and nothing else is loaded before: that an old Node lacks something
// would come first.
try {
  await import('@kafkado/core')
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
await import('./run.ts')

export {}
