/** One page of a browser that a test drives: as little as every browser can. */
export interface BrowserPage {
  goto(url: string): Promise<void>;
  /** The value of an expression, through JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Ends the browser. */
  close(): Promise<void>;
}
