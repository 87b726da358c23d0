/** Maximum clock difference of issuers, nodes and administrators. If in doubt the hub refuses. */
export const clockToleranceMs = 5000;
