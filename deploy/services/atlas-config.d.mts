export const atlasTopics: { readonly entities: string; readonly hook: string };
