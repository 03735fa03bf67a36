import { memo } from "react";
import { avatarColour, initials } from "../../words/names";
import { Icon } from "../Icon/Icon";
import styles from "./Avatar.module.css";

interface AvatarProps {
  /** Decides the colour. */
  id: string;
  name: string;
  size?: 28 | 36 | 40 | 48;
  presence?: "online" | "away" | "offline" | undefined;
  group?: boolean;
}

/** Letters on a colour. Hidden from screen readers: the name always stands beside it, and presence in words. */
export const Avatar = memo(function Avatar({ id, name, size = 48, presence, group }: AvatarProps) {
  const shown = presence === "online" || presence === "away";
  return (
    <span
      className={styles.avatar}
      data-size={size}
      style={{ backgroundColor: avatarColour(id) }}
      aria-hidden="true"
    >
      {group && initials(name) === "?" ? <Icon name="people" /> : initials(name)}
      {shown && <i className={styles.dot} data-presence={presence} />}
    </span>
  );
});
