import type { Op } from '../event/hub-event.ts';
import type { Mask } from './mask.ts';

/** Name of the top-level member in which a change lies. No such name holds a character that a pointer escapes. */
function memberOf(path: string): string {
  const end = path.indexOf('/', 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}

/** Whether something was added, removed or replaced is said by which of the two values there are. */
function textOf({ path, old, new: next }: Op): string {
  return `${JSON.stringify(path)}:${JSON.stringify({ old, new: next })}`;
}

/** What an event changed, through a mask, as JSON: all of it, and by top-level member. Each is encoded once, when it is wanted. */
export class ChangeTexts {
  readonly #ops: readonly Op[];
  #whole: string | undefined;
  // most events are not asked for these
  #touched: ReadonlySet<string> | undefined;
  /** By member, in the order of the event. */
  #members: Map<string, string> | undefined;

  constructor(ops: readonly Op[], mask: Mask) {
    this.#ops = ops.flatMap((op) => mask.op(op) ?? []);
  }

  /** Those that may be seen. */
  get ops(): readonly Op[] {
    return this.#ops;
  }

  get isEmpty(): boolean {
    return this.#ops.length === 0;
  }

  touches(member: string): boolean {
    this.#touched ??= new Set(this.#ops.map(({ path }) => memberOf(path)));
    return this.#touched.has(member);
  }

  whole(): string {
    return (this.#whole ??= `{${this.#ops.map(textOf).join(',')}}`);
  }

  /** Without those that were not touched. */
  of(members: readonly string[]): string {
    this.#members ??= this.#byMember();
    const texts = members.map((member) => this.#members?.get(member)).filter((text) => text !== undefined);
    return `{${texts.join(',')}}`;
  }

  #byMember(): Map<string, string> {
    const texts = new Map<string, string[]>();
    for (const op of this.#ops) {
      const member = memberOf(op.path);
      const held = texts.get(member);
      if (held === undefined) texts.set(member, [textOf(op)]);
      else held.push(textOf(op));
    }
    return new Map([...texts].map(([member, each]) => [member, each.join(',')]));
  }
}
