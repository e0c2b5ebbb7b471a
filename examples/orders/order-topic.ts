/** The topic of the orders, and the group that reads it. */
export const topic = 'orders'
export const group = 'order-report'
export const partitions = 6
