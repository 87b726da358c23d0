/** Properties of a code. `status` is its HTTP status in the answer to a request. */
export interface ErrorCodeEntry {
  readonly status: number;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly fix: string;
}
