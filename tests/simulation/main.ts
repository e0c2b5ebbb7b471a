import { planOf } from './plan/draw-plan.ts'
import { runPlan } from './run-plan.ts'
import { printEvent } from './history/print-event.ts'
const [from, to, mode] = process.argv.slice(2)
for (let seed = Number(from); seed <= Number(to); seed++) {
  const t = performance.now()
  const run = await runPlan(planOf(seed))
  if (mode === 'print') for (const e of run.history.events) console.log(printEvent(e))
  console.log(seed, run.plan.scenario, run.hash.slice(0, 12), run.history.events.length, 'events', run.virtualMs, 'virtual ms', Math.round(performance.now() - t), 'ms')
}
