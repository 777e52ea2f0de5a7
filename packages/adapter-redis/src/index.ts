/** Every key of ours in Redis begins with it. */
export const keyPrefix = 'shop:'
