/** Exit codes of every command; documented in docs/cli.md. */
export const exitCode = {
  ok: 0,
  /** A fault of the hub or something unforeseen. */
  failure: 1,
  /** The command line or a setting is wrong. */
  usage: 2,
  /** The hub, Kafka, MongoDB, Redis or the data folder cannot be reached. Trying again may help. */
  unavailable: 3,
  /** The hub refused: no token, no grant. */
  refused: 4,
  /** The input was rejected or only partly accepted; `doctor`: something is not right. */
  rejected: 5,
} as const;
