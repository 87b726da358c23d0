/** A server that the hub stands on, run as a process of its own. */
export interface Service {
  url(port: number): string;
  /** Rejects with the reason when this machine cannot run it. */
  obtain(): Promise<void>;
  /** Runs it, also again with what it had stored in `dir`; gives its process id. */
  start(port: number, dir: string): Promise<number>;
  /** Rejects as long as it does not answer. */
  probe(url: string): Promise<void>;
}
