import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { kafka, prepareBroker, runBroker } from '../../deploy/services/kafka.mjs';
import { freePort, stopProcess, waitUntilReady } from '../../deploy/services/process.mjs';

/** A Kafka broker that a test may kill and bring back. */
export interface OwnBroker {
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Brings it back with what it had stored; resolves when it answers. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/** Whether this machine can run a broker of its own (it may have only the address of one). */
export async function canRunBroker(): Promise<boolean> {
  return kafka.obtain().then(
    () => true,
    () => false,
  );
}

export async function startOwnBroker(): Promise<OwnBroker> {
  const dir = mkdtempSync(join(tmpdir(), 'pursight-own-kafka-'));
  const port = await freePort(0);
  const url = kafka.url(port);
  await prepareBroker(port, dir);
  let pid: number | undefined;
  const restart = async (): Promise<void> => {
    const started = runBroker(dir);
    pid = started;
    await waitUntilReady({ probe: () => kafka.probe(url), pid: started, dir, timeoutMs: 60_000 });
  };
  const kill = async (): Promise<void> => {
    if (pid !== undefined) await killAtOnce(pid);
    pid = undefined;
  };
  await restart();
  return {
    url,
    kill,
    restart,
    async dispose() {
      if (pid !== undefined) await stopProcess(pid);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function killAtOnce(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(10);
  }
}
