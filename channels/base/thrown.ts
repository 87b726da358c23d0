/** What was thrown as an Error: itself if it is one, else an Error that says it, with it as the cause. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

/** In words: the message of an Error, else what was thrown as a text. */
export function messageOf(thrown: unknown): string {
  return asError(thrown).message;
}

/** The code of an error of the system or of Node, such as `ENOENT`; undefined where it has none that is a text. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
