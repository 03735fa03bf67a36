import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff, GREATEST_DELAY, LEAST_DELAY } from "./backoff";

test("every delay lies between half a second and twenty seconds", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, drawn) => {
      const delay = backoff(attempt, () => drawn);
      expect(delay).toBeGreaterThanOrEqual(LEAST_DELAY);
      expect(delay).toBeLessThanOrEqual(GREATEST_DELAY);
    }),
  );
});

test("the range doubles with each attempt until it is full", () => {
  const greatest = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoff(attempt, () => 1));
  expect(greatest).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test("the jitter is full: the least delay stays possible at any attempt", () => {
  expect(backoff(30, () => 0)).toBe(LEAST_DELAY);
});

test("what the server asked for is the least, even above the greatest delay", () => {
  expect(backoff(1, () => 0, 45)).toBe(45_000);
  expect(backoff(6, () => 1, 3)).toBe(20_000);
});
