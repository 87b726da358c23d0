import type { IntakeStore } from '../../channels/ports/intake-store.ts';
import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part/part.ts';
import type { Connector } from './connector.ts';
import { ConnectorRunner } from './connector-runner.ts';
import type { IntakePart } from './intake-part.ts';

export interface IngestPartOptions {
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Undefined for a connector that reads no topic here. */
  readonly sourceOf: (connector: string) => ConnectorSource | undefined;
  readonly store: IntakeStore;
  readonly intake: () => IntakePart;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The component `ingest`: reads the topics of the connectors. */
export function createIngestPart({ connectors, sourceOf, intake, ...common }: IngestPartOptions): Part {
  const into = intake().intake;
  const runners = [...connectors].flatMap(([id, connector]) => {
    const source = sourceOf(id);
    return source === undefined ? [] : [new ConnectorRunner({ ...common, connector, source, intake: into })];
  });
  return {
    watched: runners.map((runner) => runner.watched),
    async start() {
      await Promise.all(runners.map((runner) => runner.start()));
    },
    async leave() {
      await Promise.all(runners.map((runner) => runner.stop()));
    },
  };
}
