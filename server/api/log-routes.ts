import { isJsonObject } from '../../channels/event/json.ts';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json } from '../http/answers.ts';
import { jsonBody } from '../http/request-body.ts';
import { type Route, route, type SignedInRequest } from '../http/route.ts';

export interface LogRoutesOptions {
  readonly log: EventLog;
  readonly stopwatch: Stopwatch;
  /** What the gateway of this node has processed; undefined where it has none. */
  readonly position: () => { readonly epoch: string; readonly vector: Vector } | undefined;
}

const maxPartitions = 512;
const betweenEpochsMs = 10_000;

/** @throws HubError invalid-request */
function partitionsOf(body: unknown): number | undefined {
  if (!isJsonObject(body)) throw new HubError('invalid-request', 'body: must be an object, as {"partitions": 8}');
  const { partitions } = body;
  if (partitions === undefined) return undefined;
  if (typeof partitions === 'number' && Number.isInteger(partitions) && partitions >= 1 && partitions <= maxPartitions)
    return partitions;
  throw new HubError('invalid-request', `partitions: must be a whole number from 1 to ${maxPartitions}`);
}

const epochBody = jsonBody({ maxBytes: 1024, parse: partitionsOf, ifEmpty: {} });

/** The log of the whole deployment: where it is, and the beginning of a new epoch. */
export function logRoutes({ log, position, stopwatch }: LogRoutesOptions): readonly Route[] {
  const show = async (): Promise<object> => {
    const { epoch, topic } = log;
    const [starts, heads] = await Promise.all([log.starts(), log.ends()]);
    if (epoch !== log.epoch) return show();
    const here = position();
    const partitions = heads.map((next, partition) => ({
      partition,
      first: starts[partition] ?? 0,
      next,
      position: here?.epoch === epoch ? (here.vector[partition] ?? 0) : null,
    }));
    return { epoch, topic: topic ?? null, gatewayEpoch: here?.epoch ?? null, partitions };
  };

  let mayBeginAtMs = Number.NEGATIVE_INFINITY;

  const begin = async ({ body }: SignedInRequest<unknown, number | undefined>): Promise<object> => {
    const partitionCount = await body();
    const waitMs = mayBeginAtMs - stopwatch.elapsedMs();
    if (waitMs > 0)
      throw new HubError('rate-limited', 'an epoch began recently; each one invalidates cursors and creates a topic', {
        retryAfterMs: Math.ceil(waitMs),
      });
    mayBeginAtMs = stopwatch.elapsedMs() + betweenEpochsMs;
    const {
      epoch,
      partitionCount: partitions,
      after,
    } = await log.beginEpoch(partitionCount === undefined ? {} : { partitionCount });
    return { epoch, partitions, after: after ?? null };
  };

  const common = { access: 'operate', answer: json } as const;
  return [
    route({ ...common, method: 'GET', path: '/v1/log', handle: show }),
    route({ ...common, method: 'POST', path: '/v1/log/epoch', body: epochBody, handle: begin }),
  ];
}
