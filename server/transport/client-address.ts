/** A forwarded address that is longer is none. */
const maxAddressLength = 64;

/**
 * The address of a client behind `trustedProxies` proxies of one's own. Each proxy appends the address that it was
 * called from to X-Forwarded-For, so the entry that the outermost of one's own proxies wrote is counted from the right;
 * what stands left of it was written by the client. With fewer entries than proxies nobody can say who it is, and the
 * caller itself counts.
 */
export function clientAddress(remote: string, forwardedFor: string | undefined, trustedProxies: number): string {
  if (trustedProxies === 0 || forwardedFor === undefined) return remote;
  const entry = forwardedFor.split(',').at(-trustedProxies)?.trim();
  return entry === undefined || entry === '' || entry.length > maxAddressLength ? remote : entry;
}
