import { KafkaError } from '@kafkado/core'
import { describe, expect, it, vi } from 'vitest'
import { bundledOrInstalled, lowLevel } from './low-level.ts'

const broken = new TypeError('Invalid URL')
const cannot = (): never => {
  throw broken
}

describe('the library of connections', () => {
  it('is the one that was bundled, where that can be loaded', async () => {
    const installed = vi.fn(() => 'installed')
    expect(await bundledOrInstalled(async () => 'bundled', installed)).toBe('bundled')
    expect(installed).not.toHaveBeenCalled()
    expect((await lowLevel()).Connection).toBeTypeOf('function')
  })

  it('is the one that is installed, where a bundler has left a file of it behind', async () => {
    expect(
      await bundledOrInstalled<string>(
        async () => cannot(),
        () => 'installed',
      ),
    ).toBe('installed')
  })

  it('is asked for by its name where there is neither', async () => {
    const failure: unknown = await bundledOrInstalled(async () => cannot(), cannot).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(KafkaError)
    expect(failure).toMatchObject({ retriable: false, outcome: 'failed', cause: broken })
    expect(String(failure)).toMatch(/'@platformatic\/kafka'.*install it beside the bundle/)
  })
})
