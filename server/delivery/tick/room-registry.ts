import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { Selection } from '../../../channels/subscription/selection.ts';
import { SelectionIndex } from '../../../channels/subscription/selection-index.ts';
import type { Transition } from '../../../channels/wire/wire-event.ts';
import type { Room } from '../outlet/room.ts';

export interface RoomMatch {
  readonly room: Room;
  readonly transition: Transition;
}

/** Of one condition: by form and class. */
type Rooms = Map<string, Room>;

function roomKey({ form }: Selection, policyClass: PolicyClass): string {
  // most rooms are of no form of their own, and there may be a hundred thousand
  return form.key === '' ? policyClass.id : `${form.key}|${policyClass.id}`;
}

/** Visible before and after decide what the event is for a room; nothing if it was and is out of sight. */
function transitionOf(before: boolean, after: boolean): Transition | undefined {
  if (before) return after ? 'update' : 'leave';
  return after ? 'enter' : undefined;
}

/** What one event is for one room; nothing if the room has no part in it. */
export function transitionFor({ selection, policyClass }: Room, event: HubEvent): Transition | undefined {
  const sees = (head: Head | null): boolean => head !== null && selection.matches(head) && policyClass.mayRead(head);
  return transitionOf(sees(event.data.heads.before), sees(event.data.heads.after));
}

/** A class's decision on both images of one event, taken once however many rooms have the class. */
class Decisions {
  readonly #before: Head | null;
  readonly #after: Head | null;
  readonly #taken = new Map<string, readonly [boolean, boolean]>();

  constructor(event: HubEvent) {
    this.#before = event.data.heads.before;
    this.#after = event.data.heads.after;
  }

  of(policyClass: PolicyClass): readonly [boolean, boolean] {
    const held = this.#taken.get(policyClass.id);
    if (held !== undefined) return held;
    const decision = [
      this.#before !== null && policyClass.mayRead(this.#before),
      this.#after !== null && policyClass.mayRead(this.#after),
    ] as const;
    this.#taken.set(policyClass.id, decision);
    return decision;
  }
}

/** The selection, with the compiled condition that is there already. */
function sharing(held: Selection, selection: Selection): Selection {
  if (held.key === selection.key) return held;
  return { ...selection, filter: held.filter, matches: held.matches };
}

/** The rooms of this node, found by event. Costs what matches, not what exists. */
export class RoomRegistry {
  readonly #tenants = new Map<string, SelectionIndex<Rooms>>();
  readonly #nameOf: (tenant: string, selectionKey: string, classId: string) => string;
  #rooms = 0;

  constructor(nameOf: (tenant: string, selectionKey: string, classId: string) => string) {
    this.#nameOf = nameOf;
  }

  get roomCount(): number {
    return this.#rooms;
  }

  get selectionCount(): number {
    return [...this.#tenants.values()].reduce((sum, index) => sum + index.size, 0);
  }

  /** The room for a selection and class, with one member more. */
  enter(selection: Selection, policyClass: PolicyClass): Room {
    const { tenant } = policyClass;
    const index = this.#tenants.get(tenant) ?? new SelectionIndex<Rooms>();
    this.#tenants.set(tenant, index);
    if (index.get(selection.conditionKey) === undefined) index.add(selection, new Map());
    const entry = index.get(selection.conditionKey);
    if (entry === undefined) throw new Error('a selection just added is in the index');
    const key = roomKey(selection, policyClass);
    const held = entry.payload.get(key);
    if (held !== undefined) {
      held.members += 1;
      return held;
    }
    const room: Room = {
      name: this.#nameOf(tenant, selection.key, policyClass.id),
      selection: sharing(entry.selection, selection),
      policyClass,
      members: 1,
      handle: undefined,
    };
    entry.payload.set(key, room);
    this.#rooms += 1;
    return room;
  }

  /** One member less; an empty room goes, and so does a selection without rooms. */
  leave(room: Room): void {
    room.members -= 1;
    if (room.members > 0) return;
    const { tenant } = room.policyClass;
    const index = this.#tenants.get(tenant);
    const entry = index?.get(room.selection.conditionKey);
    if (index === undefined || entry === undefined || !entry.payload.delete(roomKey(room.selection, room.policyClass)))
      return;
    this.#rooms -= 1;
    if (entry.payload.size === 0) index.remove(room.selection.conditionKey);
    if (index.size === 0) this.#tenants.delete(tenant);
  }

  /** Every room that gets the event, and the effect of the event for it. */
  match(event: HubEvent): readonly RoomMatch[] {
    const { before, after } = event.data.heads;
    const index = this.#tenants.get(event.tenant);
    if (index === undefined || (before === null && after === null)) return [];
    const decisions = new Decisions(event);
    const matches: RoomMatch[] = [];
    for (const { selection, payload } of index.candidates(before, after)) {
      const wasSelected = before !== null && selection.matches(before);
      const isSelected = after !== null && selection.matches(after);
      if (!wasSelected && !isSelected) continue;
      for (const room of payload.values()) {
        const [couldRead, mayRead] = decisions.of(room.policyClass);
        const transition = transitionOf(wasSelected && couldRead, isSelected && mayRead);
        if (transition !== undefined) matches.push({ room, transition });
      }
    }
    return matches;
  }
}
