import { z } from 'zod';
import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { compareText } from '../../../channels/subscription/compare-text.ts';

const orders = ['urn', 'name', 'updatedAt'] as const;
export const orderSchema = z.enum([...orders, '-urn', '-name', '-updatedAt']).meta({ default: 'urn' });

export interface ListOrder {
  readonly by: (typeof orders)[number];
  readonly isDescending: boolean;
}

/** Where an entity stands in an order; equal values are in the order of their urns. */
export interface ListPlace {
  readonly value: string;
  readonly urn: string;
}

/** `-` before the name: descending. @throws HubError invalid-request */
export function parseOrder(raw: string | undefined): ListOrder {
  const name = raw?.replace(/^-/, '') ?? 'urn';
  const by = orders.find((each) => each === name);
  if (by === undefined)
    throw new HubError(
      'invalid-request',
      `sort: must be one of ${orders.join(', ')}, with "-" before it for descending`,
    );
  return { by, isDescending: raw?.startsWith('-') === true };
}

export function placeOf({ by }: ListOrder, document: CatalogDocument): ListPlace {
  const { urn } = document;
  return { value: by === 'urn' ? urn : document[by], urn };
}

/** Whether the first comes behind the second. */
export function isAfter({ isDescending }: ListOrder, one: ListPlace, other: ListPlace): boolean {
  const values = compareText(one.value, other.value);
  const order = isDescending ? -values : values;
  return order > 0 || (order === 0 && compareText(one.urn, other.urn) > 0);
}

/** For the next page: all that it says is in the entity that the caller has got. */
export function cursorOf({ by, isDescending }: ListOrder, { value, urn }: ListPlace): string {
  return Buffer.from(JSON.stringify([`${isDescending ? '-' : ''}${by}`, value, urn])).toString('base64url');
}

/** @throws HubError invalid-request for one of another order, or none of this hub */
export function parseCursor(raw: string | undefined, order: ListOrder): ListPlace | undefined {
  if (raw === undefined) return undefined;
  const [sort, value, urn] = partsOf(raw);
  if (sort !== `${order.isDescending ? '-' : ''}${order.by}` || typeof value !== 'string' || typeof urn !== 'string')
    throw new HubError('invalid-request', 'after: must be the `next` of an answer with the same sort');
  return { value, urn };
}

function partsOf(raw: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(raw, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
