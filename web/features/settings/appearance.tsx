import { setTheme, theme } from "../../state/theme.ts";
import { MoonIcon, SunIcon, SystemThemeIcon } from "../../ui/icons.tsx";
import { Segments } from "../../ui/segments.tsx";

export function Appearance() {
  return (
    <div class="flex">
      <Segments
        label="Theme"
        value={theme()}
        onChoose={setTheme}
        options={[
          { value: "system", label: "System", icon: <SystemThemeIcon /> },
          { value: "light", label: "Light", icon: <SunIcon /> },
          { value: "dark", label: "Dark", icon: <MoonIcon /> },
        ]}
      />
    </div>
  );
}
