/**
 * One finding of `pursight doctor`. `warn`: the hub runs, but an operator should check. `fail`: the hub does not start, or
 * loses data. `fix` is what to do; present unless the state is `ok`.
 */
export type Check =
  | { readonly name: string; readonly state: 'ok'; readonly found: string }
  | { readonly name: string; readonly state: 'warn' | 'fail'; readonly found: string; readonly fix: string };
