CREATE TABLE `alert` (
	`id` text PRIMARY KEY NOT NULL,
	`rule` text NOT NULL,
	`resource_id` text NOT NULL,
	`place_id` text NOT NULL,
	`level` text NOT NULL,
	`fired_at` integer NOT NULL,
	`resolved_at` integer,
	`facts` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `alert_fired` ON `alert` (`fired_at`,`id`);--> statement-breakpoint
CREATE INDEX `alert_resolved` ON `alert` (`resolved_at`);--> statement-breakpoint
CREATE INDEX `alert_resource` ON `alert` (`resource_id`,`fired_at`);--> statement-breakpoint
CREATE INDEX `alert_place` ON `alert` (`place_id`,`fired_at`);--> statement-breakpoint
CREATE TABLE `alert_entry` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`alert_id` text NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`facts` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `alert_entry_alert` ON `alert_entry` (`alert_id`,`seq`);--> statement-breakpoint
CREATE TABLE `alert_settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`settings` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `alert_stand` (
	`resource_id` text NOT NULL,
	`rule` text NOT NULL,
	`stand` text NOT NULL,
	PRIMARY KEY(`resource_id`, `rule`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `silence` (
	`id` text PRIMARY KEY NOT NULL,
	`facts` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
