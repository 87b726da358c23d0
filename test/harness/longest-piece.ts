function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * How long one turn of the event loop took at most while `work` ran, in milliseconds of CPU time: a machine that has something
 * else to do does not count. The least of a few runs, for what is compiled or collected in one of them.
 */
export async function longestPieceMs(runs: number, work: (run: number) => Promise<void>): Promise<number> {
  const longest: number[] = [];
  for (let run = 0; run < runs; run++) {
    let [lastMs, longestMs, isDone] = [cpuMs(), 0, false];
    const watch = (): void => {
      const nowMs = cpuMs();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
      if (!isDone) setImmediate(watch);
    };
    setImmediate(watch);
    await work(run);
    isDone = true;
    watch();
    longest.push(longestMs);
  }
  return Math.min(...longest);
}
