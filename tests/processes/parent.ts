import { startProcess } from './child-processes.ts'

/** A process that starts one which starts another, says the ids of these two, and stays. */
const child = startProcess('sh', ['-c', 'sleep 1000 & echo $$ $!; wait'])
child.stdout.pipe(process.stdout)
