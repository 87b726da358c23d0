import type { NativeFormat } from '../../channels/ports/message-format.ts';
import { atlas } from './atlas/atlas.ts';
import { cloudEvents } from './cloudevents/cloudevents.ts';

/** All native formats that connectors may have. */
export const formats: readonly NativeFormat[] = [atlas, cloudEvents];
