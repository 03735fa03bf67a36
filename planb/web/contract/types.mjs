/**
 * TypeScript types of everything that travels, from the two documents beside this file. `npm run types` writes them;
 * a test compares.
 */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const here = new URL(".", import.meta.url);
export const target = new URL("../src/client/generated/wire.ts", here);

const REF = "#/components/schemas/";
const JSON_OBJECT = "JsonObject";

const BANNER = `/** Made by \`npm run types\` from the OpenAPI and AsyncAPI documents: do not edit. */

import type { JsonObject } from "../json";

`;

async function read(name) {
  return JSON.parse(await readFile(new URL(name, here), "utf8"));
}

/** A document's schema in the form that the compiler takes. */
function translate(schema) {
  if (Array.isArray(schema)) return schema.map(translate);
  if (typeof schema !== "object" || schema === null) return schema;
  if ("x-known-values" in schema) {
    const known = schema["x-known-values"].map((value) => JSON.stringify(value)).join(" | ");
    return { tsType: `${known} | (string & {})` };
  }
  if (schema.type === "object" && !schema.properties && !schema.additionalProperties) {
    return { tsType: schema.title === undefined ? JSON_OBJECT : "Record<string, never>" };
  }
  const made = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "$ref") made.$ref = value.replace(REF, "#/definitions/");
    // Lengths say nothing in TypeScript but make tuples; formats and defaults neither.
    else if (!["title", "default", "minItems", "maxItems", "pattern", "format"].includes(key)) {
      made[key] = key === "properties" ? mapValues(value, translate) : translate(value);
    }
  }
  return made;
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

/** One definition per name: the two documents may not disagree. */
function definitionsOf(openapi, asyncapi) {
  const found = { ...openapi.components.schemas };
  for (const [name, schema] of Object.entries(asyncapi.components.schemas)) {
    if (name in found && JSON.stringify(found[name]) !== JSON.stringify(schema)) {
      throw new Error(`${name} is not the same in both documents`);
    }
    found[name] = schema;
  }
  const sorted = Object.entries(found).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, schema]) => [name, translate(schema)]));
}

const nameOf = (schema) => schema.$ref.replace(REF, "");

/** The socket's commands by name, and the union of its events. */
function maps(asyncapi) {
  const { messages } = asyncapi.components;
  const message = (reference) => messages[reference.$ref.split("/").at(-1)];
  const commands = [];
  const events = [];
  for (const [name, operation] of Object.entries(asyncapi.operations)) {
    const { payload } = message(operation.messages[0]);
    if (operation.action === "send") {
      events.push(nameOf(payload));
      continue;
    }
    const answer = message(operation.reply.messages[0]).payload;
    const data = nameOf(answer.properties?.data ?? answer);
    commands.push(`  ${name}: { fields: ${nameOf(payload.allOf[1])}; data: ${data} };`);
  }
  return `
/** Commands of the socket: name → its fields and the \`data\` of its reply. */
export interface KnownCommands {
${commands.join("\n")}
}

/** Every event that this version knows. */
export type KnownEvent =
${events
  .sort()
  .map((name) => `  | ${name}`)
  .join("\n")};
`;
}

export async function types() {
  const [openapi, asyncapi] = await Promise.all([read("openapi.json"), read("asyncapi.json")]);
  const definitions = definitionsOf(openapi, asyncapi);
  const compiled = await compile(
    { title: "Everything", type: "object", definitions, additionalProperties: false },
    "Everything",
    {
      additionalProperties: false,
      bannerComment: "",
      unreachableDefinitions: true,
      style: { printWidth: 110 },
    },
  );
  const alone =
    /\/\*\*\n \* This interface was referenced by [^\n]*\n \* via the `definition` [^\n]*\n \*\/\n/g;
  const beside = / \*\n \* This interface was referenced by [^\n]*\n \* via the `definition` [^\n]*\n/g;
  const body = compiled
    .replace("export interface Everything {}\n", "")
    .replace(alone, "")
    .replace(beside, "")
    .replace(/^\}\n(?=\/|e)/gm, "}\n\n");
  return `${BANNER}${body}${maps(asyncapi)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(target, await types());
}
