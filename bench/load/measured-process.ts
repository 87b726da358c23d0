import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Servers run on CPU 0, load generators on CPU 1, so that neither takes time from the other. */
export type Cpu = 0 | 1;

const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

export interface MeasuredProcess {
  readonly child: ChildProcess;
  /** Resolves with the next message for which `pick` gives a value; rejects when the process ends before. */
  next<T>(pick: (message: never) => T | undefined): Promise<T>;
  end(): void;
}

/** Starts a built file of the bench with an IPC channel, pinned to a CPU where the machine allows it. */
export function startMeasured(
  file: string,
  cpu: Cpu,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): MeasuredProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, [...args], {
    execArgv: [...flags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  });
  if (canPin && child.pid !== undefined)
    spawnSync('taskset', ['-acp', String(cpu), String(child.pid)], { stdio: 'ignore' });
  return {
    child,
    next: (pick) =>
      new Promise((resolve, reject) => {
        const onExit = (): void => reject(new Error(`${file} ended with ${child.exitCode ?? child.signalCode}`));
        const onMessage = (message: unknown): void => {
          const value = pick(message as never);
          if (value === undefined) return;
          child.off('message', onMessage);
          child.off('exit', onExit);
          resolve(value);
        };
        // nothing would come any more, and the bench would end without a word
        if (child.exitCode !== null || child.signalCode !== null) return onExit();
        child.on('message', onMessage);
        child.once('exit', onExit);
        return undefined;
      }),
    end: () => void child.kill('SIGKILL'),
  };
}
