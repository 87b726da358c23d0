/** Name and version as sent to the hub; equal to package.json by test. */
export const clientVersion = '@pursight/client 0.1.0';
