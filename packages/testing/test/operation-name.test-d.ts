import type * as core from '@kafkado/core'
import { createMockKafka, type OperationName } from '@kafkado/testing'
import { describe, expectTypeOf, it } from 'vitest'

describe('the names of operations', () => {
  it('are those that core exports, and no other', () => {
    expectTypeOf<'produce' | 'fetch' | 'offsetCommit' | 'capabilities' | 'endTxn'>().toExtend<OperationName>()
    expectTypeOf<OperationName>().toExtend<keyof typeof core>()
    expectTypeOf<string>().not.toExtend<OperationName>()
    expectTypeOf<'http' | 'intercept' | 'prodcue'>()
      .exclude<OperationName>()
      .toEqualTypeOf<'http' | 'intercept' | 'prodcue'>()
  })

  it('are asked for by the faults', () => {
    const { faults } = createMockKafka()
    faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    // @ts-expect-error a mistyped operation
    faults.failNext('prodcue', 'NOT_LEADER_OR_FOLLOWER')
    // @ts-expect-error a mistyped operation
    faults.atRandom({ operations: ['prodcue'] })
    // @ts-expect-error a mistyped error
    faults.failNext('produce', 'NOT_LEADER')
  })
})
