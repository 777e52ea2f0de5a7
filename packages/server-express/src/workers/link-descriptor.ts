/** The file descriptor of the link in a worker: after stdin, stdout, stderr and the channel of `node:cluster`. */
export const linkDescriptor = 4
