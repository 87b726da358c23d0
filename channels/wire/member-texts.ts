/**
 * JSON of an object, as a whole and of any choice of its members. Each is made once, however many choices are asked for: a
 * text that is put together costs what its bytes do, so that many different choices of a large document do not cost as
 * many times to encode it.
 */
export class MemberTexts {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #texts = new Map<string, string>();
  #whole: string | undefined;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  whole(): string {
    return (this.#whole ??= JSON.stringify(this.#members));
  }

  /** Without those that the object lacks. */
  of(names: readonly string[]): string {
    const texts = names.map((name) => this.#textOf(name)).filter((text) => text !== '');
    return `{${texts.join(',')}}`;
  }

  #textOf(name: string): string {
    const held = this.#texts.get(name);
    if (held !== undefined) return held;
    const value = this.#members[name];
    const text = value === undefined ? '' : `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    this.#texts.set(name, text);
    return text;
  }
}
