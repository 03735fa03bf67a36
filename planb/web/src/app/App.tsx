import { useEffect, useRef } from "react";
import { useChat } from "../react/useSocket";
import { forgetDrafts } from "./Composer/drafts";
import { ExpiredDialog } from "./ExpiredDialog/ExpiredDialog";
import { Messenger } from "./Messenger/Messenger";
import { SignIn } from "./SignIn/SignIn";
import { Splash } from "./Splash/Splash";

/** Who is signed in decides which screen stands. */
export function App() {
  const status = useChat((state) => state.auth.status);
  const known = useChat((state) => state.auth.me !== null);
  const before = useRef(status);

  useEffect(() => {
    if (status === "out" && (before.current === "in" || before.current === "expired")) forgetDrafts();
    before.current = status;
  }, [status]);

  if (status === "out") return <SignIn />;
  if (status === "unknown" || !known) return <Splash />;
  return (
    <>
      <Messenger />
      {status === "expired" && <ExpiredDialog />}
    </>
  );
}
