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
