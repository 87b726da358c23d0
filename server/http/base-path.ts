/** Path under which browsers and clients reach the hub, with a slash at both ends. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '/' : `${new URL(publicUrl).pathname.replace(/\/+$/, '')}/`;
}
