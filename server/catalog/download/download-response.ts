import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { HttpRequest, HttpResponse } from '../../transport/http.ts';
import { csvLines, csvType, type LineFormat, ndjsonLines, ndjsonType } from './line-format.ts';
import { AssetDownload, type AssetDownloadOptions, type DownloadRequest } from './asset-download.ts';

/** Parameters of a page that a download does not have. */
const ofPages = ['sort', 'limit'] as const;
const formats = new Map([
  [ndjsonType, ndjsonLines],
  [csvType, csvLines],
]);

/** In which format a request for the list wants all of it; undefined for a page. @throws HubError invalid-request for a parameter of pages */
export function wantedLines({ headers, query }: HttpRequest): ((fields: DownloadFields) => LineFormat) | undefined {
  const types = (headers['accept'] ?? '').split(',').map((each) => each.split(';')[0]?.trim() ?? '');
  const wanted = types.flatMap((type) => formats.get(type) ?? [])[0];
  const other = ofPages.find((name) => query.has(name));
  if (wanted !== undefined && other !== undefined)
    throw new HubError('invalid-request', `${other}: a download has all that match by urn; leave it out`);
  return wanted;
}

type DownloadFields = readonly string[] | undefined;

/** Answers such a request. @throws HubError as AssetDownload.placeOf */
export function createDownload(options: AssetDownloadOptions): (request: DownloadRequest) => Promise<HttpResponse> {
  const download = new AssetDownload(options);
  return async (request) => {
    const place = await download.placeOf(request);
    return {
      status: 200,
      headers: { 'content-type': request.format.mediaType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      body: (stream) => void download.send(stream, request, place),
    };
  };
}
