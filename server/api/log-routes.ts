import { z } from 'zod';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json, jsonAnswer, jsonOf, ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { limitHeaders } from '../http/limit-headers.ts';
import { schemaBody } from '../http/request-body.ts';
import { type Route, route, type SignedInRequest } from '../http/route.ts';
import type { HttpResponse } from '../transport/http.ts';

export interface LogRoutesOptions {
  readonly log: EventLog;
  readonly stopwatch: Stopwatch;
  /** What the gateway of this node has processed; undefined where it has none. */
  readonly position: () => { readonly epoch: string; readonly vector: Vector } | undefined;
}

const maxPartitions = 512;
const betweenEpochsMs = 10_000;
const windowSeconds = betweenEpochsMs / 1000;
const usedUp = { name: 'epochs', quota: 1, windowSeconds, remaining: 0, resetSeconds: windowSeconds };

const wrongCount = `must be a whole number from 1 to ${maxPartitions}`;
const bodySchema = z.strictObject(
  { partitions: z.int(wrongCount).min(1, wrongCount).max(maxPartitions, wrongCount).exactOptional() },
  { error: ({ code }) => (code === 'invalid_type' ? 'must be an object, as {"partitions": 8}' : undefined) },
);
type Body = z.infer<typeof bodySchema>;

const epochBody = schemaBody({
  ...{ maxBytes: 1024, schema: bodySchema, ifEmpty: {} },
  examples: { partitions: { partitions: 4 } },
});

const partitionSchema = z.object({
  ...{ partition: z.int(), first: z.int(), next: z.int() },
  position: z.int().nullable().meta({ description: 'null: this node has no gateway in the epoch.' }),
});
const logSchema = z.object({
  ...{ epoch: z.string(), topic: z.string().nullable(), gatewayEpoch: z.string().nullable() },
  partitions: z.array(partitionSchema),
});
const epochSchema = z.object({ epoch: z.string(), partitions: z.int(), after: z.string().nullable() });
const showContract: RouteContract<'/v1/log'> = {
  ...{ id: 'getLog', group: 'Operations', summary: 'Epoch and positions of the log', params: {} },
  errors: ['storage-unavailable'],
};
const beginContract: RouteContract<'/v1/log/epoch'> = {
  ...{ id: 'beginEpoch', group: 'Operations', summary: 'Begin a new epoch of the log', params: {} },
  errors: ['rate-limited', 'conflict', 'storage-unavailable'],
};

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

  const begin = async ({ body }: SignedInRequest<unknown, Body>): Promise<HttpResponse> => {
    const { partitions: partitionCount } = await body();
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
    const response = jsonOf({ epoch, partitions, after: after ?? null });
    return { ...response, headers: { ...response.headers, ...limitHeaders([usedUp]) } };
  };

  const access = 'operate';
  return [
    route({ method: 'GET', path: '/v1/log', access, contract: showContract, answer: json(logSchema), handle: show }),
    route({
      ...{ method: 'POST', path: '/v1/log/epoch', access, contract: beginContract, body: epochBody },
      answer: ownResponse(jsonAnswer(epochSchema)),
      handle: begin,
    }),
  ];
}
