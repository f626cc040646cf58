import { For } from "solid-js";
import type { TierForecast } from "../../../server/contract/history.ts";
import { bytes, date, moment, text } from "../../ui/format.ts";
import { daysWords, size, TIER_WORDS } from "./words.ts";

/** What is kept now: a row for each tier, the finest first. */
export function TierTable(props: { tiers: readonly TierForecast[] }) {
  return (
    <table class="figures w-full border-b border-line">
      <thead class="max-md:sr-only">
        <tr>
          <th scope="col">What</th>
          <th scope="col">Kept for</th>
          <th scope="col">Since</th>
          <th scope="col">Takes</th>
          <th scope="col">A day</th>
          <th scope="col">When full</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.tiers}>{(tier) => <TierRow tier={tier} />}</For>
      </tbody>
    </table>
  );
}

function TierRow(props: { tier: TierForecast }) {
  const words = () => TIER_WORDS[props.tier.tier];
  const since = () => (props.tier.oldestAt === undefined ? "–" : date(props.tier.oldestAt));
  const exactly = () => (props.tier.oldestAt === undefined ? undefined : moment(props.tier.oldestAt));
  return (
    <tr class="h-14">
      <th scope="row" class="w-full max-w-0 max-md:py-2.5">
        <div class="font-medium">{words().label}</div>
        <div class="text-sm text-ink-2 max-md:whitespace-normal md:truncate">
          <span class="max-md:hidden">{words().help}</span>
          <span class="md:hidden">{narrowWords(props.tier, since())}</span>
        </div>
      </th>
      <td class="max-md:align-top max-md:pt-2.5">{daysWords(props.tier.keepDays)}</td>
      <td class="text-ink-2 max-md:hidden" title={exactly()}>
        {since()}
      </td>
      <td class="max-md:hidden">{size(props.tier.usedBytes)}</td>
      <td class="text-ink-2 max-md:hidden">{text(bytes(props.tier.bytesPerDay))}</td>
      <td class="text-ink-2 max-md:hidden">{text(bytes(props.tier.fullBytes))}</td>
    </tr>
  );
}

/** On a phone what the other columns say is a second line. */
function narrowWords({ oldestAt, usedBytes, bytesPerDay, fullBytes }: TierForecast, since: string): string {
  return [
    oldestAt === undefined ? "nothing yet" : `since ${since}`,
    oldestAt !== undefined && size(usedBytes),
    bytesPerDay !== undefined && `${size(bytesPerDay)} a day`,
    fullBytes !== undefined && `${size(fullBytes)} when full`,
  ]
    .filter(Boolean)
    .join(" · ");
}
