import { readTrace } from './disk-trace.ts'
const frames = readTrace(process.argv[2]! + '/trace')
const bad = frames.map((f, i) => [f, i] as const).filter(([f]) => f.op === 'A' && f.bytes[0] !== 0x7b)
console.log(frames.length, bad.length, bad.slice(0,4).map(([f,i]) => i + ' ' + f.bytes.length + ' ' + f.bytes.subarray(0, 30).toString('hex')))
console.log(frames.filter(f => f.op === 'R' || f.op === 'F').map(f => f.op + f.file).join(' '))
const ops: Record<string, number> = {}; for (const x of frames) ops[x.op] = (ops[x.op] ?? 0) + 1; console.log(ops)
