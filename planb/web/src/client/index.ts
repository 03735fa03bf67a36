/** The framework-free core: everything that a host may use. Screens import from here and nowhere deeper. */

export { createChatClient } from "./chatClient";
export { ChatRequestError, errorData } from "./errors";
export { createIndexedDbStorage, createMemoryStorage, type OutboxStorage } from "./outboxStore";
export type * from "./types";
export type * from "./wire";
