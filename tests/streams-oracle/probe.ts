import { KafkaStreams } from './kafka-streams.ts'
import { generateCase } from './generate-case.ts'
import { runCase } from './run-case.ts'
import { compare, isWrong } from './compare.ts'
import { shrink } from './shrink.ts'
import { vectorStorages } from '../vectors/storages.ts'
const [from, n] = process.argv.slice(2).map(Number) as [number, number]
await using kafka = new KafkaStreams()
const t0 = performance.now(); let ours=0; let wrong=0; let outs=0; const devs: Record<string,number> = {}
for (let seed=from; seed<from+n; seed++) {
  const one = generateCase(seed)
  const p = kafka.run(one)
  const t=performance.now()
  const o = await runCase(one, vectorStorages[0]!)
  ours += performance.now()-t
  const k = await p
  if (!('error' in k)) outs += k.outputs.length
  const c = compare(one,o,k)
  for (const d of c.differences) if (d.deviation) devs[d.deviation]=(devs[d.deviation]??0)+1
  if (!isWrong(c)) continue
  wrong++
  const ops = one.operators.map(o=>o.op+('kind' in o?o.kind:'')).join(' ')
  const small = c.error ? one : await shrink(one, (cs) => Promise.all(cs.map(async x => { const [kk, oo] = await Promise.all([kafka.run(x), runCase(x, vectorStorages[0]!)]); const cc = compare(x, oo, kk); return cc.error===undefined && isWrong(cc) })))
  if (!c.error) { const [kk, oo] = await Promise.all([kafka.run(small), runCase(small, vectorStorages[0]!)]); const cc = compare(small,oo,kk)
   console.log('=== seed', seed); small.operators.forEach((x,i)=>console.log('  ',i,JSON.stringify(x))); small.inputs.forEach((x,i)=>console.log('    in',i,JSON.stringify(x)))
   for (const d of cc.differences) { const f=(x:any)=>x.step+':'+JSON.stringify(x.key)+'='+x.value+'@'+x.ts+(x.header?'#'+x.header:''); console.log('   OURS  ', d.ours.map(f).join('  ')); console.log('   KAFKA ', d.theirs.map(f).join('  ')) } }
  console.log(seed, c.error?.slice(0,300) ?? c.differences.map(d=>d.topic).join(), '|', ops)
}
console.log({wrong,devs, outs, ms: performance.now()-t0, ours})
