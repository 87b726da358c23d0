/** The content type of a message; names of Kafka headers are written in any case. */
export function contentTypeOf(headers: Readonly<Record<string, string>>): string | undefined {
  const exact = headers['content-type'];
  if (exact !== undefined) return exact;
  const name = Object.keys(headers).find((each) => each.length === 12 && each.toLowerCase() === 'content-type');
  return name === undefined ? undefined : headers[name];
}

/** `type/subtype` of a content type, lower case, without parameters; '' when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

export function isJsonType(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType === 'text/json' || /^[^/]+\/[^/]+\+json$/.test(mediaType);
}

/** True unless the content type names another character set than UTF-8 (US-ASCII is a part of it). */
export function isUtf8(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1];
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset);
}
