CREATE TABLE `sample` (
	`source` text NOT NULL,
	`at` integer NOT NULL,
	`layout_id` integer NOT NULL,
	`packed` blob NOT NULL,
	PRIMARY KEY(`source`, `at`),
	FOREIGN KEY (`layout_id`) REFERENCES `sample_layout`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sample_layout` (
	`id` integer PRIMARY KEY NOT NULL,
	`columns` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `sample_layout_columns_unique` ON `sample_layout` (`columns`);--> statement-breakpoint
CREATE TABLE `report_cursor` (
	`source` text PRIMARY KEY NOT NULL,
	`boot` text NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`interval_ms` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `resource` (
	`id` text PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`key` text NOT NULL,
	`parent_key` text,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`attributes` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `resource_source_key` ON `resource` (`source`,`key`);