import type { Dimension } from './dimension.ts'
import { groups } from './dimensions/groups.ts'
import { joining } from './dimensions/joining.ts'
import { partitions } from './dimensions/partitions.ts'
import { producers } from './dimensions/producers.ts'
import { recordSize } from './dimensions/record-size.ts'
import { topics } from './dimensions/topics.ts'

export const dimensions: readonly Dimension[] = [partitions, joining, topics, groups, producers, recordSize]
