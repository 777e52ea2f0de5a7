/** Does this host lead to this machine only? A name that may mean anything does not. An IPv6 address may stand in brackets. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
