/** What the address says of the screen: the operation, message or schema that is shown. */
export interface ApiSearch {
  readonly show?: string;
}

export function parseApiSearch({ show }: Record<string, unknown>): ApiSearch {
  return typeof show === 'string' && /^(?:message:|schema:)?\w{1,100}$/.test(show) ? { show } : {};
}
