/** Ids of sessions and dead letters have 20 characters and more, no option is that long. */
const idLike = /^-[\w-]{19,}$/;

/**
 * The command line with ids moved behind `--`. They are base64url, so one in 64 begins with a dash and would be taken
 * for an option.
 */
export function argvWithIds(argv: readonly string[]): readonly string[] {
  const ids = argv.filter(
    (argument, index) => idLike.test(argument) && !/^--(?:token|url|tenant)$/.test(argv[index - 1] ?? ''),
  );
  if (ids.length === 0 || argv.includes('--')) return argv;
  return [...argv.filter((argument) => !ids.includes(argument)), '--', ...ids];
}
