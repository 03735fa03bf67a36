/** The text of `src/client/generated/wire.ts`, as the documents want it now. */
export function types(): Promise<string>;
