import { isRecord } from '../ui/json.ts';

/** How somebody likes the page: the only thing that it keeps in the browser. Never a value of the catalog, never a token. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly density: 'compact' | 'normal' | 'roomy';
  /** Single letters act as commands. */
  readonly letterKeys: boolean;
}

const key = 'pursight.preferences';
const usual: Preferences = { theme: 'system', density: 'normal', letterKeys: true };
const listeners = new Set<() => void>();
let current = read();

function oneOf<Value extends string>(value: unknown, values: readonly Value[], fallback: Value): Value {
  return values.find((each) => each === value) ?? fallback;
}

function read(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    const { theme, density, letterKeys } = isRecord(kept) ? kept : {};
    return {
      theme: oneOf(theme, ['system', 'light', 'dark'], usual.theme),
      density: oneOf(density, ['compact', 'normal', 'roomy'], usual.density),
      letterKeys: letterKeys !== false,
    };
  } catch {
    return usual;
  }
}

export function preferences(): Preferences {
  return current;
}

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function applyPreferences(): void {
  const { dataset } = document.documentElement;
  dataset['theme'] = current.theme;
  dataset['density'] = current.density;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // a browser that keeps nothing keeps nothing
  }
  applyPreferences();
  for (const listener of listeners) listener();
}

/** Height of a row of a grid in pixels. */
export function rowHeight({ density }: Preferences): number {
  return { compact: 28, normal: 34, roomy: 42 }[density];
}
