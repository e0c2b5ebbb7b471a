import { tooOldNode } from './required-node.ts'

// Imported before what does not load in an older Node, whose own error would name neither kafkado nor the version.
const refusal = tooOldNode(process.versions)
if (refusal !== undefined) throw new Error(refusal)
