/** What was wrong with messages that a hub has sent; looked at after each test. */
export const messageFaults: string[] = [];
