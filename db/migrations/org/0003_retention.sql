CREATE TABLE `history_use` (
	`tier` integer NOT NULL,
	`start_at` integer NOT NULL,
	`chunks` integer NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`tier`, `start_at`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `retention` (
	`id` integer PRIMARY KEY NOT NULL,
	`samples` integer NOT NULL,
	`five_minutes` integer NOT NULL,
	`hours` integer NOT NULL,
	`days` integer NOT NULL,
	`max_bytes` integer,
	`changed_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `history_use` (`tier`, `start_at`, `chunks`, `bytes`)
SELECT (`chunk`.`id` >> 20) & 7, (`chunk`.`id` & 1048575) * 3600000, count(*), sum(length(`head`) + coalesce(
	(SELECT sum(length(`bytes`)) FROM `chunk_part` WHERE `chunk_part`.`id` >= `chunk`.`id` * 512 AND `chunk_part`.`id` < (`chunk`.`id` + 1) * 512), 0))
FROM `chunk` GROUP BY 1, 2;
