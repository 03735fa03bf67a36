import { type RefObject, useEffect, useRef } from "react";

/** Calls `load` while the element is near the screen and `wanted` holds; again when `wanted` comes back. */
export function useMoreInSight(wanted: boolean, load: () => void): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!wanted || ref.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load();
      },
      { rootMargin: "400px" },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [wanted, load]);
  return ref;
}
