/**
 * JSON of an object, as a whole and of any selection of its members. Each member is encoded once, however many selections
 * there are: a selection costs only its concatenation, so that many selections of a large document do not encode it
 * repeatedly.
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

  /** Without members that the object lacks. */
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
