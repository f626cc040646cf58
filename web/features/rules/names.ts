import { picture } from "../../state/live.ts";

export function nameOfResource(id: string): string | undefined {
  return picture.resources[id]?.name;
}
