import { checkHistory } from './checker/check-history.ts'
import type { Violation } from './checker/anomaly.ts'
import { planOf } from './plan/draw-plan.ts'
import type { Plan, StorageModel } from './plan/plan.ts'
import { type Run, runPlan } from './run-plan.ts'

/** A run with what the checker says of it. */
export interface CheckedRun extends Run {
  readonly violations: readonly Violation[]
}

export function simulate(seed: number, scenario?: string, storage?: StorageModel): Promise<CheckedRun> {
  return simulatePlan(planOf(seed, scenario, storage))
}

export async function simulatePlan(plan: Plan): Promise<CheckedRun> {
  const run = await runPlan(plan)
  return { ...run, violations: checkHistory(run.history.events) }
}
