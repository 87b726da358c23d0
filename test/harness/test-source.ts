import type { ConnectorSource, ConnectorSourceOptions, SourceRecord } from '../../channels/ports/connector-source.ts';

/** A source without a topic: a test says what comes, by the callbacks that it was started with. */
export class TestSource implements ConnectorSource {
  options!: ConnectorSourceOptions;

  async start(options: ConnectorSourceOptions): Promise<void> {
    this.options = options;
  }

  markOf({ offset }: SourceRecord): string {
    return `mark of ${offset}`;
  }

  async ends(): Promise<readonly []> {
    return [];
  }

  async lag(): Promise<readonly []> {
    return [];
  }

  async stop(): Promise<void> {}
}
