/*
 * Types of events and items for a requested shape `S` and field names `F`. Without a shape `S` is undefined,
 * without fields `F` is never.
 */
import type { ShapedEvents, WireItem } from '../../channels/protocol/down.ts';
import type { WireHead } from '../../channels/protocol/entity.ts';
import type { Field, ShapedFields } from '../../channels/protocol/fields.ts';
import type { Shape } from '../../channels/protocol/up.ts';

/** Shapes of views, which have no events of their own. */
export type ViewShape = Exclude<Shape, 'changes'>;

/** Names that are known only when the program runs may be any. */
type SomeHead<F extends Field> = Field extends F ? Partial<WireHead> : Pick<WireHead, F & keyof WireHead>;

type WithFields<Event, F extends Field> = Event extends { readonly entity: object }
  ? Omit<Event, 'entity'> & {
      /** The current entity, with the requested fields. */
      readonly entity: SomeHead<F>;
    }
  : Event;

type ShapeName<S extends Shape | undefined> = S extends Shape ? S : 'default';

/** Valid names in `fields` of a feed. */
export type FeedField<S extends Shape | undefined = undefined> = ShapedFields[ShapeName<S>];

/** The events of a feed. */
export type FeedEvent<S extends Shape | undefined = undefined, F extends Field = never> = [F] extends [never]
  ? ShapedEvents[ShapeName<S>]
  : WithFields<ShapedEvents[ShapeName<S>], F>;

type EntityItem<F extends Field> = {
  /** The current entity, with the requested fields and always `urn`. */
  readonly entity: Pick<WireItem['entity'], 'urn'> & ([F] extends [never] ? WireHead : SomeHead<F>);
};

/** The items of a view. */
export type ViewItem<S extends ViewShape | undefined = undefined, F extends Field = never> = S extends 'entity'
  ? EntityItem<F>
  : EntityItem<F> & Pick<WireItem, 'document'>;
