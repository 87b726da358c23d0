const mebibyte = 1024 * 1024;

/** Bounds of what a format reads, on top of the bounds that every document has. */
export const formatLimits = {
  /** One message as it lies on the wire. */
  maxMessageBytes: 8 * mebibyte,
  /** One message after decompression or after its parts are joined. */
  maxInflatedBytes: 16 * mebibyte,
  /** Nested objects and arrays; deeper JSON would exhaust the stack of whatever walks it. */
  maxDepth: 64,
  /** Numbers of one message that a double cannot hold; each takes several times its text. */
  maxExactNumbers: 10_000,
  /** Messages in one HTTP body. */
  maxBatch: 1000,
  /** Parts of one split message. Brokers take 1 MiB a message, so more parts could never be joined within the limit. */
  maxParts: 64,
  /** JSON text of one property, tag attribute set or native payload. */
  maxValueBytes: 16 * 1024,
  maxNativeBytes: 128 * 1024,
  /** All properties of one message together, as JSON text. */
  maxPropertyBytes: 128 * 1024,
  /** Attributes of all tags of one Atlas message together, as JSON text. */
  maxTagAttributeBytes: 64 * 1024,
} as const;
