import { useEffect, useState } from "react";
import { type ChatErrorData, errorData, type User } from "../../client";
import { useSocket } from "../../react/useSocket";
import { useMe } from "../../react/useUsers";

const PAUSE = 250;

export interface PeopleSearch {
  people: User[];
  busy: boolean;
  error: ChatErrorData | null;
}

/** People by name, asked for once the typing pauses. Oneself is never among them. */
export function usePeopleSearch(query: string): PeopleSearch {
  const client = useSocket();
  const me = useMe();
  const wanted = query.trim();
  const [found, setFound] = useState<PeopleSearch & { for: string }>({
    for: "",
    people: [],
    busy: false,
    error: null,
  });

  useEffect(() => {
    if (wanted === "") return;
    // An answer that comes after the next question is not shown.
    let current = true;
    const handle = setTimeout(async () => {
      try {
        const people = await client.searchUsers(wanted);
        if (current) setFound({ for: wanted, people, busy: false, error: null });
      } catch (thrown) {
        if (current) setFound({ for: wanted, people: [], busy: false, error: errorData(thrown) });
      }
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(handle);
    };
  }, [client, wanted]);

  if (wanted === "") return { people: [], busy: false, error: null };
  const people = found.people.filter((user) => user.id !== me && !user.deleted);
  return { people, busy: found.for !== wanted, error: found.error };
}
