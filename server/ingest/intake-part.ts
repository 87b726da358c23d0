import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { Part } from '../part/part.ts';
import { CommandIntake } from './command-intake.ts';
import { EntityQueue } from './entity-queue.ts';
import { Intake, type IntakeOptions } from './intake.ts';
import { Publisher, type PublisherOptions } from '../publishing/publisher.ts';

export interface IntakePartOptions extends Omit<
  IntakeOptions,
  'publisher' | 'messageIdWindowMs' | 'clock' | 'elementKey' | 'policyFloor' | 'store' | 'entities'
> {
  readonly store: IntakeOptions['store'] & PublisherOptions['store'];
  readonly log: PublisherOptions['log'];
  readonly logger: PublisherOptions['logger'];
  readonly clock: IntakeOptions['clock'] & PublisherOptions['clock'];
  readonly settings: Pick<IntakeOptions, 'messageIdWindowMs'>;
  readonly ids: Pick<OpaqueIds, 'element'>;
  readonly policy: Pick<CurrentPolicy, 'revision'>;
}

/** The way into the catalog, for whatever part of a node ingests messages. */
export interface IntakePart extends Part {
  readonly intake: Intake;
  /** For what people do. */
  readonly commands: CommandIntake;
}

/** Publishes what is ingested, and what a crash of any node has left to be published. */
export function createIntakePart({ settings, ids, policy, ...options }: IntakePartOptions): IntakePart {
  const publisher = new Publisher({ ...options, alone: options.mode === 'embedded' });
  const common = {
    ...options,
    publisher,
    messageIdWindowMs: settings.messageIdWindowMs,
    elementKey: ids.element,
    policyFloor: () => policy.revision,
    entities: new EntityQueue(),
  };
  return {
    intake: new Intake(common),
    commands: new CommandIntake(common),
    watched: [publisher.watched],
    start: () => publisher.start(),
    stop: () => publisher.stop(),
  };
}
