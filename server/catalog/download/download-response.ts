import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { HttpRequest, HttpResponse } from '../../transport/http.ts';
import { AssetDownload, type AssetDownloadOptions, type DownloadRequest } from './asset-download.ts';

const ndjsonType = 'application/x-ndjson';
/** Parameters of a page that a download does not have. */
const ofPages = ['sort', 'limit'] as const;

/** Whether a request for the list is for all of it. @throws HubError invalid-request for a parameter of pages */
export function wantsLines({ headers, query }: HttpRequest): boolean {
  const isWanted = (headers['accept'] ?? '').split(',').some((each) => each.split(';')[0]?.trim() === ndjsonType);
  const other = ofPages.find((name) => query.has(name));
  if (isWanted && other !== undefined)
    throw new HubError('invalid-request', `${other}: a download has all that match by urn; leave it out`);
  return isWanted;
}

/** Answers such a request. @throws HubError as AssetDownload.placeOf */
export function createDownload(options: AssetDownloadOptions): (request: DownloadRequest) => Promise<HttpResponse> {
  const download = new AssetDownload(options);
  return async (request) => {
    const place = await download.placeOf(request);
    return {
      status: 200,
      headers: { 'content-type': ndjsonType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      body: (stream) => void download.send(stream, request, place),
    };
  };
}
