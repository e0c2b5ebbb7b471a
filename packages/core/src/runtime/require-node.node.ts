import { tooOldNode } from './required-node.ts'

// Imported before any code that an older Node cannot load; that error would name neither kafkado nor the version.
const refusal = tooOldNode(process.versions)
if (refusal !== undefined) throw new Error(refusal)
