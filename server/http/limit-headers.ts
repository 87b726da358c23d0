/*
 * Budgets as draft-ietf-httpapi-ratelimit-headers-10 writes them: structured fields, in which a policy has a name, a quota and
 * what is counted, and the limit of that name says what is left of it.
 */

/** A budget of requests, and how a caller stands to it. */
export interface RequestBudget {
  readonly name: string;
  /** Requests that it has. */
  readonly quota: number;
  /** In how many seconds it is whole again. @default it bounds requests in progress, not in a time */
  readonly windowSeconds?: number;
  readonly remaining: number;
  /** Until something is left. */
  readonly resetSeconds?: number;
}

function parameters(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [`;${name}=${value}`]))
    .join('');
}

/** `RateLimit-Policy` and `RateLimit`. */
export function limitHeaders(budgets: readonly RequestBudget[]): Readonly<Record<string, string>> {
  const policies = budgets.map(({ name, quota: q, windowSeconds: w }) => {
    const qu = w === undefined ? '"concurrent-requests"' : undefined;
    return `"${name}"${parameters({ q, qu, w })}`;
  });
  const limits = budgets.map(({ name, remaining: r, resetSeconds: t }) => `"${name}"${parameters({ r, t })}`);
  return { 'ratelimit-policy': policies.join(', '), ratelimit: limits.join(', ') };
}
