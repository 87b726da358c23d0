export function freePort(wished?: number): Promise<number>;
export function stopProcess(pid: number): Promise<void>;
export function waitUntilReady(options: {
  readonly probe: () => Promise<void>;
  readonly pid: number;
  readonly dir: string;
  readonly timeoutMs: number;
}): Promise<void>;
