import fc from "fast-check";
import { expect, test } from "vitest";
import { readFrame, writeFrame } from "./frames";

test("it never throws, whatever arrives", () => {
  const frames = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ type: fc.constantFrom("ready", "reply", "new_message", "changes") }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
    fc.anything(),
  );
  fc.assert(
    fc.property(frames, (frame) => {
      readFrame(frame);
    }),
  );
});

test.each([
  "",
  "null",
  "[]",
  "3",
  '"text"',
  "{}",
  '{"type":3}',
  "{",
  '{"type":"reply","ok":true}',
  '{"type":"ready"}',
])("it ignores %s", (text) => {
  expect(readFrame(text)).toBeNull();
});

test("a binary frame is ignored", () => {
  expect(readFrame(new ArrayBuffer(8))).toBeNull();
});

test("an error of unknown form counts as one that may be tried again", () => {
  const frame = readFrame('{"type":"reply","id":1,"ok":false,"error":"no"}');
  expect(frame).toMatchObject({ kind: "reply", ok: false, error: { code: "internal", retry: true } });
});

test("parts of an event that are not what they should be are left out, the rest counts", () => {
  const frame = readFrame(
    '{"type":"new_message","conversation":"c","seq":-1,"message":{"id":1},"state":[],"users":[null,{"id":"a"}],"referenced":"x"}',
  );
  expect(frame).toEqual({
    kind: "event",
    event: { type: "new_message", conversation: "c", users: [{ id: "a" }] },
  });
});

test("fields cannot take the place of a frame's type and id", () => {
  expect(JSON.parse(writeFrame(7, "ping", { type: "hello", id: 1 }))).toEqual({ type: "ping", id: 7 });
});
