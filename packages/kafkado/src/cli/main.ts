#!/usr/bin/env node
// Core checks the version of Node while it loads. It loads first: otherwise an old Node would fail on a missing
// feature.
try {
  await import('@kafkado/core')
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
await import('./run.ts')

export {}
