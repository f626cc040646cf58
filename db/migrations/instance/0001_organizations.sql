CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`org_id` text,
	`org_seq` integer,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`action` text NOT NULL,
	`subject` text,
	`details` text NOT NULL,
	`hash` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_org` ON `audit` (`org_id`,`org_seq`);--> statement-breakpoint
CREATE TABLE `invitation` (
	`id` text PRIMARY KEY NOT NULL,
	`secret_hash` text NOT NULL,
	`org_id` text NOT NULL,
	`email` text NOT NULL,
	`role` text NOT NULL,
	`invited_by` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`org_id`) REFERENCES `org`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`invited_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE set null
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `invitation_secret_hash_unique` ON `invitation` (`secret_hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `invitation_org_email` ON `invitation` (`org_id`,`email`);--> statement-breakpoint
CREATE TABLE `share` (
	`id` text PRIMARY KEY NOT NULL,
	`source_org_id` text NOT NULL,
	`target_org_id` text NOT NULL,
	`resource_id` text NOT NULL,
	`resource_name` text NOT NULL,
	`resource_kind` text NOT NULL,
	`role` text NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`accepted_at` integer,
	`expires_at` integer,
	FOREIGN KEY (`source_org_id`) REFERENCES `org`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`target_org_id`) REFERENCES `org`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `share_what_to_whom` ON `share` (`source_org_id`,`target_org_id`,`resource_id`);--> statement-breakpoint
CREATE INDEX `share_target` ON `share` (`target_org_id`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`org_id` text NOT NULL,
	`caller` text NOT NULL,
	`key_hash` text NOT NULL,
	`request_hash` text NOT NULL,
	`answer` blob NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `caller`, `key_hash`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `setting` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `token` (
	`id` text PRIMARY KEY NOT NULL,
	`secret_hash` text NOT NULL,
	`name` text NOT NULL,
	`made_by` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	FOREIGN KEY (`made_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `token_secret_hash_unique` ON `token` (`secret_hash`);--> statement-breakpoint
CREATE TABLE `token_org` (
	`token_id` text NOT NULL,
	`org_id` text NOT NULL,
	PRIMARY KEY(`token_id`, `org_id`),
	FOREIGN KEY (`token_id`) REFERENCES `token`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`org_id`) REFERENCES `org`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
ALTER TABLE `org` ADD `primary_domain` text;--> statement-breakpoint
ALTER TABLE `org` ADD `deleted_at` integer;--> statement-breakpoint
ALTER TABLE `org` ADD `suspended_at` integer;--> statement-breakpoint
ALTER TABLE `org` ADD `limits` text;--> statement-breakpoint
CREATE UNIQUE INDEX `org_primary_domain_unique` ON `org` (`primary_domain`);--> statement-breakpoint
CREATE UNIQUE INDEX `membership_one_owner` ON `membership` (`org_id`) WHERE role = 'owner';--> statement-breakpoint
CREATE TRIGGER `audit_never_changed` BEFORE UPDATE ON `audit` BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;--> statement-breakpoint
CREATE TRIGGER `audit_never_deleted` BEFORE DELETE ON `audit` BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
