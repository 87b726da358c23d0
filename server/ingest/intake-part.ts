import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { Part } from '../part/part.ts';
import { Intake, type IntakeOptions } from './intake.ts';
import { Publisher, type PublisherOptions } from '../publishing/publisher.ts';

export interface IntakePartOptions extends Omit<
  IntakeOptions,
  'publisher' | 'messageIdWindowMs' | 'clock' | 'elementKey' | 'policyFloor' | 'store'
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
}

/** Publishes what is ingested, and what a crash of any node has left to be published. */
export function createIntakePart({ settings, ids, policy, ...options }: IntakePartOptions): IntakePart {
  const publisher = new Publisher({ ...options, alone: options.mode === 'embedded' });
  const intake = new Intake({
    ...options,
    publisher,
    messageIdWindowMs: settings.messageIdWindowMs,
    elementKey: ids.element,
    policyFloor: () => policy.revision,
  });
  return {
    intake,
    watched: [publisher.watched],
    start: () => publisher.start(),
    stop: () => publisher.stop(),
  };
}
