/**
 * One finding of `pursight doctor`. `warn`: the hub runs, but somebody should look. `fail`: the hub does not start, or
 * loses something. `fix` is what to do; it is there unless all is well.
 */
export type Check =
  | { readonly name: string; readonly state: 'ok'; readonly found: string }
  | { readonly name: string; readonly state: 'warn' | 'fail'; readonly found: string; readonly fix: string };
