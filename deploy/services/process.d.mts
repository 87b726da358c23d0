export function freePort(wished?: number): Promise<number>;
export function stopProcess(pid: number): Promise<void>;
export function waitUntilReady(options: {
  readonly probe: () => Promise<void>;
  readonly pid: number;
  readonly dir: string;
  readonly timeoutMs: number;
}): Promise<void>;
/** Runs a command to its end, and gives what it wrote. Rejects with the end of what it said. */
export function run(
  command: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly timeoutMs?: number },
): Promise<string>;
/** True when the command exists and can say its version (or whatever `args` ask it). */
export function canRun(command: string, args?: readonly string[]): Promise<boolean>;
