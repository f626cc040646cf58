CREATE TABLE `channel` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`name` text NOT NULL,
	`config` text NOT NULL,
	`secrets_set` text NOT NULL,
	`secrets` blob,
	`enabled` integer NOT NULL,
	`least_level` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`last_sent_at` integer,
	`problem_at` integer,
	`problem_failure` text,
	`problem_message` text
) STRICT;
--> statement-breakpoint
CREATE TABLE `delivery` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`channel_id` text NOT NULL,
	`state` text NOT NULL,
	`message` text NOT NULL,
	`attempts` integer NOT NULL,
	`is_uncertain` integer NOT NULL,
	`created_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`tried_at` integer,
	`done_at` integer,
	`failure` text,
	`problem` text,
	`status` integer,
	`took_ms` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `delivery_id_unique` ON `delivery` (`id`);--> statement-breakpoint
CREATE INDEX `delivery_channel_state` ON `delivery` (`channel_id`,`state`);--> statement-breakpoint
CREATE TABLE `push_key` (
	`id` integer PRIMARY KEY NOT NULL,
	`key` blob NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `told` (
	`channel_id` text NOT NULL,
	`alert_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`channel_id`, `alert_id`)
) STRICT;
