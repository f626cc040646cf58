CREATE TABLE `chunk` (
	`id` integer PRIMARY KEY NOT NULL,
	`rows` integer NOT NULL,
	`layout_id` integer NOT NULL,
	`head` blob NOT NULL,
	FOREIGN KEY (`layout_id`) REFERENCES `sample_layout`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `chunk_part` (
	`id` integer PRIMARY KEY NOT NULL,
	`bytes` blob NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `history_source` (
	`id` integer PRIMARY KEY NOT NULL,
	`source` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `history_source_source_unique` ON `history_source` (`source`);