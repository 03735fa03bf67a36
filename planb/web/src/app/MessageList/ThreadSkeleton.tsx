import styles from "./MessageList.module.css";

const SHAPES = ["theirs", "theirs short", "mine", "theirs", "mine short", "mine"];

export function ThreadSkeleton() {
  return (
    <div className={styles.skeleton} aria-hidden="true">
      {SHAPES.map((shape, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed picture.
        <i key={index} data-shape={shape} />
      ))}
    </div>
  );
}
