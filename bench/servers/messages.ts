/** From a measured server to the bench. */
export type ServerReport =
  | { readonly type: 'listening'; readonly port: number }
  /** Clients have got all events; so many of them count. */
  | { readonly type: 'done'; readonly events: number; readonly cpuSeconds: number; readonly wallSeconds: number };

/** From the bench to a measured server. */
export type ServerOrder = { readonly type: 'go' } | { readonly acknowledged: number };

export function report(message: ServerReport): void {
  process.send?.(message);
}

/** Resolves when the bench says go. */
export async function untilGo(): Promise<void> {
  return new Promise((resolve) => {
    const onMessage = (message: ServerOrder): void => {
      if (!('type' in message)) return;
      process.off('message', onMessage);
      resolve();
    };
    process.on('message', onMessage);
  });
}
