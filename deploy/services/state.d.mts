/** Downloads and the state file; outside the repository, so that every clone on the machine shares them. */
export const cacheDir: string;
