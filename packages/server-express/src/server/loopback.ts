/** Is a server that listens on this host reached from this machine only? A name that may mean anything is not. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)
