import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

const { state, seconds } = workerData as { state: Int32Array; seconds: number }
let [before, since] = [0, performance.now()]

setInterval(() => {
  const [seed, count] = [Atomics.load(state, 0), Atomics.load(state, 1)]
  if (count !== before || seed < 0) [before, since] = [count, performance.now()]
  if (performance.now() - since < seconds * 1000) return
  writeSync(2, `STUCK: our streams have not finished the case of seed ${seed} in ${seconds} seconds\n`)
  process.kill(process.pid, 'SIGKILL')
}, 1000)
