import { Trans, useLingui } from "@lingui/react/macro";
import {
  type FormEvent,
  type KeyboardEvent,
  type Ref,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useChat, useSocket } from "../../react/useSocket";
import { useMe } from "../../react/useUsers";
import { IconButton } from "../ui/Button/Button";
import { Icon } from "../ui/Icon/Icon";
import { textLength } from "../words/length";
import styles from "./Composer.module.css";
import { keepDraft, readDraft } from "./drafts";

interface ComposerProps {
  id: string;
  /** What the field is called for screen readers: whom one writes to. */
  title: string;
  onSent: () => void;
  fieldRef: Ref<HTMLTextAreaElement>;
}

/** From here on the counter shows. */
const NEAR = 0.9;
const DRAFT_PAUSE = 400;

export function Composer({ id, title, onSent, fieldRef }: ComposerProps) {
  const { t } = useLingui();
  const client = useSocket();
  const me = useMe();
  const most = useChat((state) => state.limits.text);
  const [text, setText] = useState(() => readDraft(me, id));
  const form = useRef<HTMLFormElement>(null);
  const length = textLength(text);
  const over = length > most;
  const ready = text.trim() !== "" && !over;

  useGrowth(form, text);
  useKeptDraft(me, id, text);
  useEffect(() => () => client.setTyping(id, false), [client, id]);

  function write(value: string) {
    setText(value);
    client.setTyping(id, value.trim() !== "");
  }

  function send(event?: FormEvent) {
    event?.preventDefault();
    if (!ready) return;
    client.send(id, { text: text.trimEnd() });
    client.setTyping(id, false);
    setText("");
    keepDraft(me, id, "");
    form.current?.querySelector("textarea")?.focus();
    onSent();
  }

  function onKey(event: KeyboardEvent) {
    // While an input method composes, Enter chooses a word; Safari tells so only by key code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      send();
    }
  }

  return (
    <form ref={form} className={styles.composer} onSubmit={send}>
      <div className={styles.box} data-over={over}>
        <textarea
          ref={fieldRef}
          rows={1}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKey}
          onBlur={() => client.setTyping(id, false)}
          placeholder={t`Write a message…`}
          aria-label={t`Message to ${title}`}
          aria-invalid={over}
          enterKeyHint="send"
          dir="auto"
        />
        {length >= most * NEAR && (
          <span className={styles.counter} role="status">
            <span className="visually-hidden">
              {over ? <Trans>Too long by</Trans> : <Trans>Left:</Trans>}
            </span>{" "}
            {over ? `+${length - most}` : most - length}
          </span>
        )}
      </div>
      <IconButton
        className={styles.send}
        type="submit"
        label={t`Send`}
        disabled={!ready}
        // The field keeps the focus, and a phone its keyboard.
        onPointerDown={(event) => event.preventDefault()}
      >
        <Icon name="send" />
      </IconButton>
    </form>
  );
}

/** As tall as its text, up to what the style allows. */
function useGrowth(form: RefObject<HTMLFormElement | null>, text: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const field = form.current?.querySelector("textarea");
    if (field === null || field === undefined) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }, [form, text]);
}

/** Written once the typing pauses, and when the conversation or the page is left. */
function useKeptDraft(me: string | null, id: string, text: string) {
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const handle = setTimeout(() => keepDraft(me, id, text), DRAFT_PAUSE);
    return () => clearTimeout(handle);
  }, [me, id, text]);
  useEffect(() => {
    const keep = () => keepDraft(me, id, latest.current);
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [me, id]);
}
