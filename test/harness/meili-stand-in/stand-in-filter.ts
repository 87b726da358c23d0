import { isJsonObject } from '../../../channels/event/json.ts';

/** A document as it was sent, and whether it meets a filter. */
export type Stored = Readonly<Record<string, unknown>>;
export type Predicate = (document: Stored) => boolean;

/** Thrown for what the server would answer with 400. */
export class BadFilter extends Error {}

/** Values of an attribute by its path; none if it is not there. */
export function valuesAt(document: Stored, path: string): readonly unknown[] | undefined {
  let found: unknown = document;
  for (const name of path.split('.')) {
    if (!isJsonObject(found) || !(name in found)) return undefined;
    found = found[name];
  }
  return [found].flat();
}

const tokens = /"(?:[^"\\]|\\.)*"|[()[\],]|!=|>=|<=|=|>|<|[\w.-]+/g;

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Texts are compared without regard to case and spaces around them, and cut only where they are stored. */
function normal(value: unknown): string {
  return textOf(value).trim().toLowerCase();
}

function isOnSide(operator: '>' | '>=' | '<' | '<=', value: string, bound: string): boolean {
  switch (operator) {
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
  }
}

/** Reads the part of the filter language that a hub writes, by recursive descent. */
class Parser {
  readonly #tokens: readonly string[];
  readonly #isFilterable: (attribute: string) => boolean;
  #at = 0;

  constructor(text: string, isFilterable: (attribute: string) => boolean) {
    this.#tokens = text.match(tokens) ?? [];
    this.#isFilterable = isFilterable;
  }

  all(): Predicate {
    const predicate = this.#or();
    if (this.#at < this.#tokens.length) throw new BadFilter(`unexpected ${this.#tokens[this.#at]}`);
    return predicate;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new BadFilter('the filter ends too early');
    return token;
  }

  #skip(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at += 1;
    return true;
  }

  #value(): string {
    const token = this.#take();
    return normal(token.startsWith('"') ? token.slice(1, -1) : token);
  }

  #or(): Predicate {
    const parts = [this.#and()];
    while (this.#skip('OR')) parts.push(this.#and());
    return (document) => parts.some((part) => part(document));
  }

  #and(): Predicate {
    const parts = [this.#not()];
    while (this.#skip('AND')) parts.push(this.#not());
    return (document) => parts.every((part) => part(document));
  }

  #not(): Predicate {
    if (!this.#skip('NOT')) return this.#primary();
    const part = this.#not();
    return (document) => !part(document);
  }

  #primary(): Predicate {
    if (this.#skip('(')) {
      const part = this.#or();
      if (!this.#skip(')')) throw new BadFilter('a parenthesis is not closed');
      return part;
    }
    const attribute = this.#take();
    if (!this.#isFilterable(attribute)) throw new BadFilter(`Attribute \`${attribute}\` is not filterable.`);
    return this.#condition(attribute);
  }

  #condition(attribute: string): Predicate {
    const some =
      (test: (value: string) => boolean): Predicate =>
      (document) =>
        (valuesAt(document, attribute) ?? []).some((value) => test(normal(value)));
    const operator = this.#take();
    switch (operator) {
      case 'EXISTS':
        return (document) => valuesAt(document, attribute) !== undefined;
      case 'NOT':
        if (!this.#skip('EXISTS')) throw new BadFilter('EXISTS is missing');
        return (document) => valuesAt(document, attribute) === undefined;
      case 'IN': {
        const wanted = new Set<string>();
        if (!this.#skip('[')) throw new BadFilter('a list is missing');
        while (!this.#skip(']')) {
          wanted.add(this.#value());
          this.#skip(',');
        }
        return some((value) => wanted.has(value));
      }
      case '=':
      case '!=': {
        const wanted = this.#value();
        const equal = some((value) => value === wanted);
        return operator === '=' ? equal : (document) => !equal(document);
      }
      case '>':
      case '>=':
      case '<':
      case '<=': {
        const bound = this.#value();
        return some((value) => isOnSide(operator, value, bound));
      }
      default: {
        this.#at -= 1;
        const from = this.#value();
        if (!this.#skip('TO')) throw new BadFilter(`unknown operator ${operator}`);
        const to = this.#value();
        return some((value) => value >= from && value <= to);
      }
    }
  }
}

/** @throws BadFilter */
export function parseStandInFilter(filter: unknown, isFilterable: (attribute: string) => boolean): Predicate {
  if (filter === undefined || filter === null) return () => true;
  const parts = [filter].flat().map((part) => new Parser(textOf(part), isFilterable).all());
  return (document) => parts.every((part) => part(document));
}
