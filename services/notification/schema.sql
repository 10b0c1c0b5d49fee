create table notification.correspondence (
    "application_id" uuid primary key,
    "locale" text,
    "phone" text,
    "email" text,
    "email_revision" bigint not null,
    "identified" boolean not null,
    "talon" text,
    "refunds" jsonb not null,
    "causes" jsonb not null,
    "ended" text,
    "impatient" boolean not null,
    "kept" jsonb not null,
    "told" jsonb not null,
    "errands" jsonb not null,
    "sent" jsonb not null,
    "stage" text,
    "newest" jsonb not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
