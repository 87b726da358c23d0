import type { Op } from '../event/hub-event.ts';
import { maskedOp } from './masked-op.ts';
import { hidesNothing, type Mask } from './mask.ts';

/** Name of the top-level member of a change. No such name contains a character that a pointer escapes. */
function memberOf(path: string): string {
  const end = path.indexOf('/', 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}

/** Nothing in it that JSON escapes: so are nearly all paths. */
const plainPath = /^[\w/~.-]*$/;

/** Which of the two values is present tells whether it was added, removed or replaced. */
function textOf({ path, old, new: next }: Op): string {
  const name = plainPath.test(path) ? `"${path}"` : JSON.stringify(path);
  return `${name}:${JSON.stringify({ old, new: next })}`;
}

/** What an event changed, through a mask, as JSON: in total, and by top-level member. Each is encoded once, on demand. */
export class ChangeTexts {
  readonly #ops: readonly Op[];
  #whole: string | undefined;
  // most events do not need these
  #touched: ReadonlySet<string> | undefined;
  /** By member, in the order of the event. */
  #members: Map<string, string> | undefined;

  constructor(ops: readonly Op[], mask: Mask) {
    this.#ops = hidesNothing(mask) ? ops : ops.flatMap((op) => maskedOp(op, mask) ?? []);
  }

  /** The visible ones. */
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
    return (this.#whole ??= this.#all());
  }

  #all(): string {
    let text = '';
    for (const op of this.#ops) text += text === '' ? textOf(op) : `,${textOf(op)}`;
    return `{${text}}`;
  }

  /** Without unchanged ones. */
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
