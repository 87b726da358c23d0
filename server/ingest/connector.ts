import type { ConnectorProfile, MessageFormat } from '../../channels/ports/message-format.ts';

/** A configured connector: who it is and how its messages are read. */
export interface Connector {
  readonly profile: ConnectorProfile;
  readonly format: MessageFormat;
  /** Name of the outside system, for the origin of events. */
  readonly system: string;
  /** Kafka topic, if it has one. */
  readonly topic: string | undefined;
}
