import { TypePicker } from "../forms/type-picker.tsx";
import { FORMS } from "../sources/forms/forms.ts";
import { typesFor } from "../sources/list.ts";

export function CheckPicker() {
  return <TypePicker types={typesFor("checks")} kinds={FORMS} label="Types of checks" to="/checks/new" />;
}
