import { Intake } from '../ingest/intake.ts';
import type { Publisher } from '../ingest/publisher.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { OpaqueIds } from '../security/opaque-ids.ts';
import type { HubOptions } from './hub.ts';

/** How this node takes messages in, whichever way they come. */
export function intakeOf(
  { settings, adapters, file, clock, turns }: HubOptions,
  parts: { readonly ids: OpaqueIds; readonly metrics: Metrics; readonly publisher: Publisher },
): Intake {
  return new Intake({
    store: adapters.store,
    publisher: parts.publisher,
    clock,
    metrics: parts.metrics,
    messageIdWindowMs: settings.messageIdWindowMs,
    elementKey: parts.ids.element,
    policyFloor: () => file.policy.version,
    turns,
    mode: adapters.mode,
  });
}
