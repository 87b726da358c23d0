/** How the text of a setting is read. */
export type SettingKind =
  | { readonly type: 'text' }
  | { readonly type: 'number'; readonly min: number; readonly max: number }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  | { readonly type: 'flag' }
  | { readonly type: 'list' };

export interface SettingEntry {
  readonly env: string;
  readonly kind: SettingKind;
  /** As it would be written in the environment; undefined: not set. */
  readonly default?: string;
  readonly unit?: string;
  readonly help: string;
  /** Never printed. */
  readonly secret?: true;
  /** The heading under which docs and help list it. */
  readonly group: 'process' | 'storage' | 'tokens' | 'gateway' | 'limits' | 'ingest' | 'command line';
}

export const text = { type: 'text' } as const;
export const flag = { type: 'flag' } as const;
export const list = { type: 'list' } as const;
export const number = (min: number, max: number) => ({ type: 'number', min, max }) as const;
export const choice = <const Choices extends readonly string[]>(...of: Choices) => ({ type: 'choice', of }) as const;
