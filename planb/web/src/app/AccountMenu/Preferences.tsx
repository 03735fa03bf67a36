import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { chooseLanguage, LANGUAGES, type Language } from "../place/language";
import { chooseTheme, useTheme } from "../place/theme";
import { Choice } from "../ui/Choice/Choice";
import styles from "./AccountMenu.module.css";

const LANGUAGE_OPTIONS = (Object.keys(LANGUAGES) as Language[]).map((language) => ({
  value: language,
  label: LANGUAGES[language],
  lang: language,
}));

/** Language and look, kept on this device. */
export function Preferences() {
  const { t, i18n } = useLingui();
  const theme = useTheme();
  // The words of another language are fetched first: the choice shows at once, and goes back if they do not come.
  const [wanted, setWanted] = useState<Language | null>(null);

  function choose(language: Language) {
    setWanted(language);
    chooseLanguage(language)
      .catch(() => undefined)
      .finally(() => setWanted(null));
  }

  return (
    <div className={styles.preferences}>
      <Choice
        legend={t`Language`}
        value={wanted ?? (i18n.locale as Language)}
        options={LANGUAGE_OPTIONS}
        onChange={choose}
      />
      <Choice
        legend={t`Colours`}
        value={theme}
        options={[
          { value: "system", label: t`System` },
          { value: "light", label: t`Light` },
          { value: "dark", label: t`Dark` },
        ]}
        onChange={chooseTheme}
      />
    </div>
  );
}
