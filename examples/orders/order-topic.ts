/** Where the orders of the main job go, and who reads them. */
export const topic = 'orders'
export const group = 'order-report'
export const partitions = 6
