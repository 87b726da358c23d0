import { type Step, type Way } from './graph.ts';

/** What the address says of a graph. */
export interface LineageSearch {
  /** Absent: both. */
  readonly way?: Way;
  readonly depth?: number;
  /** From which nodes one more step was asked for, in this order. */
  readonly more?: readonly Step[];
}

export const usualDepth = 2;
export const maxDepth = 10;
/** Each is a request of its own. */
export const maxSteps = 30;
const maxCharacters = 3000;

function isStep(value: unknown): value is Step {
  return typeof value === 'string' && /^[<>]./.test(value) && value.length <= maxCharacters;
}

/** The part of an address that makes sense; anybody may have written it. */
export function parseLineageSearch({ way, depth, more }: Record<string, unknown>): LineageSearch {
  const steps = Array.isArray(more) ? [...new Set(more.filter(isStep))].slice(0, maxSteps) : [];
  return {
    ...(way === 'upstream' || way === 'downstream' ? { way } : {}),
    ...(typeof depth === 'number' && Number.isInteger(depth) && depth >= 1 && depth <= maxDepth && depth !== usualDepth
      ? { depth }
      : {}),
    ...(steps.length === 0 ? {} : { more: steps }),
  };
}

export function waysOf({ way }: LineageSearch): readonly Way[] {
  return way === undefined ? ['upstream', 'downstream'] : [way];
}
