export const atlasUser: { readonly name: string; readonly password: string };
