CREATE TABLE `merge` (
	`id` text PRIMARY KEY NOT NULL,
	`absorbed` text NOT NULL,
	`into` text NOT NULL,
	`how` text NOT NULL,
	`evidence` text NOT NULL,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `merge_absorbed_unique` ON `merge` (`absorbed`);--> statement-breakpoint
CREATE TABLE `own_facts` (
	`resource_id` text PRIMARY KEY NOT NULL,
	`name` text,
	`notes` text,
	`tags` text,
	`link` text,
	`expected_off` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `separation` (
	`first` text NOT NULL,
	`second` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`first`, `second`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `source` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`name` text NOT NULL,
	`config` text NOT NULL,
	`secrets_set` text NOT NULL,
	`secrets` blob,
	`interval_ms` integer NOT NULL,
	`enabled` integer NOT NULL,
	`agent_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`last_beat_at` integer
) STRICT;
--> statement-breakpoint
ALTER TABLE `report_cursor` ADD `missing` text;