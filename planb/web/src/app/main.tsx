/** The entry: language and theme first, then the client, then the screens. */
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { createRoot } from "react-dom/client";
import { createChatClient } from "../client";
import { SocketProvider } from "../react/SocketProvider";
import { App } from "./App";
import { Crash } from "./Crash/Crash";
import { activateLanguage, preferredLanguage } from "./place/language";
import { applyTheme } from "./place/theme";
import "./styles/tokens.css";
import "./styles/base.css";

applyTheme();
await activateLanguage(preferredLanguage());

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root to draw into.");
const client = createChatClient();
createRoot(root).render(
  <I18nProvider i18n={i18n}>
    <Crash>
      <SocketProvider client={client}>
        <App />
      </SocketProvider>
    </Crash>
  </I18nProvider>,
);
