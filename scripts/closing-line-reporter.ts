import type { Reporter, TestModule } from 'vitest/node'

/**
 * Prints `N passed, N failed` as the very last line, which is what reads a run without knowing its test runner.
 * A run without a single test is a failure: it says that the tests were not found.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]) {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++
      // A file that cannot be loaded has no tests to count, and must not pass for none.
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed++
    }
    if (counts.passed + counts.failed === 0) process.exitCode = 1
    const skipped = counts.skipped + counts.pending
    process.once('exit', () => {
      if (skipped > 0) console.log(`${skipped} skipped`)
      console.log(`${counts.passed} passed, ${counts.failed} failed`)
    })
  }
}
