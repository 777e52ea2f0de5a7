/**
 * Whether this host always means this machine. Names that DNS could resolve to another machine do not. An IPv6
 * address may be in brackets.
 */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
