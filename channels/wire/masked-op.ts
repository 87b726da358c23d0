import { fieldPath } from '../catalog/diff.ts';
import type { Op } from '../event/hub-event.ts';
import { isJsonObject, type JsonValue, sameJson } from '../event/json.ts';
import { hidesNothing, type Mask } from './mask.ts';

/** Whether a mask lets everybody see who has done something. */
export function showsActors(mask: Mask): boolean {
  const actor = 'somebody';
  const cause = { actor, correlationid: undefined, causationid: undefined, extensions: undefined };
  return mask.cause(cause).actor === actor;
}

function withoutSpeaker(value: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  const { by: _by, ...rest } = value;
  return rest;
}

function isUnchanged(op: Op, shown: Op | undefined): boolean {
  return shown !== undefined && sameJson(op.old, shown.old) && sameJson(op.new, shown.new);
}

/**
 * A change of what people say holds the source's value and theirs. It is seen only where a mask lets the field itself pass
 * as it is, whatever the mask knows of `curated`.
 */
export function maskedOp(op: Op, mask: Mask): Op | undefined {
  if (hidesNothing(mask)) return op;
  const path = fieldPath(op.path);
  if (path === op.path) return mask.op(op);
  if (!isUnchanged(op, mask.op({ ...op, path })) || !isUnchanged(op, mask.op(op))) return undefined;
  if (showsActors(mask)) return op;
  const { old, new: next, ...rest } = op;
  const [before, after] = [withoutSpeaker(old), withoutSpeaker(next)];
  return { ...rest, ...(before === undefined ? {} : { old: before }), ...(after === undefined ? {} : { new: after }) };
}
