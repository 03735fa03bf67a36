import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useRef, useState } from "react";
import { type ChatErrorData, errorData, type User } from "../../client";
import { useChat, useSocket } from "../../react/useSocket";
import { Avatar } from "../ui/Avatar/Avatar";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";
import { Field } from "../ui/Field/Field";
import { Icon } from "../ui/Icon/Icon";
import { errorText } from "../words/errors";
import styles from "./NewConversation.module.css";
import { useFamiliarPeople } from "./useFamiliarPeople";
import { type PeopleSearch, usePeopleSearch } from "./usePeopleSearch";

interface NewConversationProps {
  onClose: () => void;
  onCreated: (id: string) => void;
}

/** Choose one person to talk in private, several for a group with a title. */
export function NewConversation({ onClose, onCreated }: NewConversationProps) {
  const { t, i18n } = useLingui();
  const client = useSocket();
  const mostTitle = useChat((state) => state.limits.title);
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<User[]>([]);
  const [title, setTitle] = useState("");
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<ChatErrorData | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const search = usePeopleSearch(query);
  const familiar = useFamiliarPeople();
  const group = chosen.length > 1;
  const ready = chosen.length > 0 && (!group || title.trim() !== "") && !sending;
  const error = refused ?? search.error;

  function toggle(user: User) {
    const without = chosen.filter((one) => one.id !== user.id);
    setChosen(without.length < chosen.length ? without : [...chosen, user]);
    setQuery("");
    // The button that was pressed may be gone.
    form.current?.querySelector("input")?.focus();
  }

  async function create(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    setSending(true);
    setRefused(null);
    try {
      const users = chosen.map((user) => user.id);
      const id = await client.createConversation(
        group ? { kind: "group", users, title: title.trim() } : { kind: "direct", users },
      );
      onCreated(id);
    } catch (thrown) {
      setRefused(errorData(thrown));
      setSending(false);
    }
  }

  return (
    <Dialog title={t`New conversation`} onClose={onClose}>
      <form ref={form} className={styles.form} onSubmit={create}>
        {chosen.length > 0 && (
          <ul className={styles.chosen} aria-label={t`Chosen`}>
            {chosen.map((user) => (
              <li key={user.id}>
                <button
                  type="button"
                  onClick={() => toggle(user)}
                  aria-label={t`Remove ${user.display_name}`}
                >
                  <Avatar id={user.id} name={user.display_name} size={28} />
                  {user.display_name}
                  <Icon name="close" size={14} />
                </button>
              </li>
            ))}
          </ul>
        )}
        <Field
          label={t`With whom?`}
          name="people"
          type="search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          placeholder={t`Name of a person`}
          autoComplete="off"
        />
        <People
          search={search}
          people={query.trim() === "" ? familiar : search.people}
          query={query.trim()}
          chosen={chosen}
          onToggle={toggle}
        />
        {group && (
          <Field
            label={t`Title of the group`}
            name="title"
            value={title}
            onChange={(event) => setTitle(event.target.value)}
            maxLength={mostTitle}
            required
          />
        )}
        <p className={styles.error} role="alert">
          {error !== null && errorText(error, i18n)}
        </p>
        <Button look="primary" type="submit" disabled={!ready}>
          {group ? <Trans>Create the group</Trans> : <Trans>Start the conversation</Trans>}
        </Button>
      </form>
    </Dialog>
  );
}

interface PeopleProps {
  search: PeopleSearch;
  people: User[];
  query: string;
  chosen: User[];
  onToggle: (user: User) => void;
}

function People({ search, people, query, chosen, onToggle }: PeopleProps) {
  const none = query !== "" && !search.busy && search.error === null && search.people.length === 0;
  return (
    <div className={styles.found} aria-busy={search.busy}>
      {people.length > 0 && (
        <ul>
          {people.map((user) => {
            const picked = chosen.some((one) => one.id === user.id);
            return (
              <li key={user.id}>
                <button type="button" aria-pressed={picked} onClick={() => onToggle(user)}>
                  <Avatar id={user.id} name={user.display_name} size={36} />
                  <span>{user.display_name}</span>
                  {picked && <Icon name="check" />}
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <p role="status">{none && <Trans>Nobody found for “{query}”.</Trans>}</p>
    </div>
  );
}
