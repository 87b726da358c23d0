/** Clocks of issuers, nodes and whoever revokes may differ by this much. Where it matters the hub errs to the safe side. */
export const clockToleranceMs = 5000;
