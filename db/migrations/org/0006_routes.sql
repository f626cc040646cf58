CREATE TABLE `decision` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`alert_id` text NOT NULL,
	`at` integer NOT NULL,
	`event` text NOT NULL,
	`level` text NOT NULL,
	`why` text,
	`tellings` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `decision_alert` ON `decision` (`alert_id`,`seq`);--> statement-breakpoint
CREATE TABLE `follow_up` (
	`alert_id` text NOT NULL,
	`kind` text NOT NULL,
	`route` text NOT NULL,
	`since` integer NOT NULL,
	`due_at` integer,
	PRIMARY KEY(`alert_id`, `kind`, `route`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `follow_up_due` ON `follow_up` (`due_at`);--> statement-breakpoint
CREATE TABLE `held` (
	`channel_id` text NOT NULL,
	`alert_id` text NOT NULL,
	`until` integer NOT NULL,
	PRIMARY KEY(`channel_id`, `alert_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `held_until` ON `held` (`until`);--> statement-breakpoint
CREATE INDEX `held_alert` ON `held` (`alert_id`);--> statement-breakpoint
CREATE TABLE `route_settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`settings` text NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `channel` ADD `problem_since` integer;--> statement-breakpoint
ALTER TABLE `channel` ADD `is_trouble_told` integer DEFAULT false NOT NULL;
